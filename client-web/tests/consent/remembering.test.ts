import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";

import { keepAcknowledgement, rememberedId } from "../../src/consent/remembering";
import { encode } from "../../src/crypto/bytes";
import { deriveKeys } from "../../src/crypto/keys";
import { openRemembered } from "../../src/store/remembered";
import { PaperLog, sha256 } from "../paper-log";

describe("an acknowledgement", () => {
  it("is kept where the server has signed it for this statement of this person", async () => {
    const meeting = new Uint8Array(16).fill(3);
    const keys = await deriveKeys(new Uint8Array(32).fill(4), meeting);
    const log = await PaperLog.make();
    const store = await openRemembered(new IDBFactory());
    const statement = sha256();
    const fits = { meeting, person: keys.person, statement, index: 7 };
    const said = { keys, server: log.server, statement, sequence: 2 };
    const other = sha256(Uint8Array.of(1));
    const signed = await log.acknowledge(fits);
    const keep = (document: typeof signed, of = said): Promise<boolean> =>
      keepAcknowledgement(of, document, Promise.resolve(store), 10);
    for (const changes of [
      { meeting: meeting.map(() => 1) },
      { person: other },
      { statement: other },
    ]) {
      expect(await keep(await log.acknowledge({ ...fits, ...changes }))).toBe(false);
    }
    expect(await keep(signed, { ...said, server: other })).toBe(false);
    expect(await keep({ ...signed, signature: encode(new Uint8Array(64)) })).toBe(false);
    expect(await keep({ document: "!", signature: signed.signature })).toBe(false);
    expect(await store.person(rememberedId(keys))).toBeNull();
    expect(await keep(signed)).toBe(true);
    expect((await store.person(rememberedId(keys)))?.acknowledgements).toEqual([
      { ...signed, sequence: 2 },
    ]);
  });
});

// What a page keeps: nothing takes it back, and it is what a store can hold.

import { describe, expect, it } from "vitest";

import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import { StaleStatement } from "../../src/crypto/errors";
import { checkGeneration } from "../../src/e2ee/checking";
import { parseGeneration } from "../../src/e2ee/generation-header";
import {
  hasSeen,
  type HostAct,
  type Knowledge,
  MOST_SECRETS,
  noteAccepted,
  noteAct,
  noteAnswer,
  NOTHING_KNOWN,
} from "../../src/e2ee/knowledge";
import { checks, evidenceOf, knowledgeAfter, ownPage, pagesByDigest, pairsOf, text } from "./world";

function id(number: number): Bytes {
  return new Uint8Array(32).fill(number);
}

type Content<Act> = Act extends HostAct ? Omit<Act, "digest" | "by" | "sequence"> : never;

function act(sequence: number, content: Content<HostAct>, by = id(1)): HostAct {
  return { digest: id(100 + sequence), by, sequence, ...content };
}

const ARM = act(1, { what: "arm", recording: true });
const REMOVE = act(2, { what: "remove", person: id(9) });

describe("acts of hosts", () => {
  it("are noted in their order", () => {
    const armed = noteAct(NOTHING_KNOWN, ARM, true);
    expect(armed.arm).toEqual({ digest: ARM.digest, recording: true });
    const stopped = noteAct(armed, act(5, { what: "arm", recording: false }), true);
    expect(stopped.arm?.recording).toBe(false);
    const admitted = act(6, { what: "admit", person: id(8), enrolment: id(7) });
    expect(noteAct(stopped, admitted, true).admitted.get(encode(id(8)))).toEqual(id(7));
    const linked = noteAct(stopped, act(7, { what: "link", ordinal: 2 }), true);
    expect(linked.ordinal).toBe(2);
    expect(NOTHING_KNOWN.act).toBeNull();
  });

  it("do not go back, and the very same is no other", () => {
    const known = noteAct(noteAct(NOTHING_KNOWN, ARM, true), REMOVE, true);
    expect(noteAct(known, REMOVE, true)).toBe(known);
    expect(() => noteAct(known, ARM, true)).toThrow(StaleStatement);
    expect(() => noteAct(known, { ...REMOVE, digest: id(5) }, true)).toThrow(StaleStatement);
  });

  it("are of hosts, and of none who was removed", () => {
    expect(() => noteAct(NOTHING_KNOWN, ARM, false)).toThrow(StaleStatement);
    const known = noteAct(NOTHING_KNOWN, REMOVE, true);
    const revenge = act(3, { what: "arm", recording: true }, id(9));
    expect(() => noteAct(known, revenge, true)).toThrow(StaleStatement);
    expect(noteAct(known, act(3, { what: "arm", recording: true }), true).arm).not.toBeNull();
  });

  it("make new links one after the other", () => {
    expect(() => noteAct(NOTHING_KNOWN, act(1, { what: "link", ordinal: 3 }), true)).toThrow(
      StaleStatement,
    );
    expect(() => noteAct(NOTHING_KNOWN, act(1, { what: "link", ordinal: 1 }), true)).toThrow(
      StaleStatement,
    );
  });
});

describe("answers", () => {
  it("are the newest that was seen", () => {
    const said = (sequence: number, recording: string) => ({
      person: id(1),
      sequence,
      digest: id(sequence),
      recording,
    });
    const taken = noteAnswer(noteAnswer(NOTHING_KNOWN, said(1, "yes")), said(2, "withdrawn"));
    expect(taken.answers.get(encode(id(1)))?.yes).toBe(false);
    expect(noteAnswer(taken, said(1, "yes"))).toBe(taken);
    expect(noteAnswer(taken, said(3, "yes")).answers.get(encode(id(1)))?.yes).toBe(true);
  });
});

describe("secrets", () => {
  it("are remembered as far back as 1,024, and with the header they came with", async () => {
    const header = await parseGeneration(text(0));
    let known = NOTHING_KNOWN;
    const secret = (number: number): Bytes => {
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setUint32(0, number);
      return bytes;
    };
    for (let number = 0; number <= MOST_SECRETS; number += 1) {
      known = await noteAccepted(known, header, new Uint8Array(64), secret(number), () => 1);
    }
    expect(known.secrets.size).toBe(MOST_SECRETS);
    expect(await hasSeen(known, secret(0), id(1))).toBe(false);
    expect(await hasSeen(known, secret(1), id(1))).toBe(true);
    expect(await hasSeen(known, secret(1), header.digest)).toBe(false);
    // Nothing of a secret is kept but its digest.
    expect(JSON.stringify([...known.secrets.keys()])).not.toContain(encode(secret(1)));
  });
});

describe("what was kept", () => {
  async function longHistory() {
    const pages = await pagesByDigest();
    const given = checks.cases.find(({ name }) => name === "live again");
    if (given === undefined) throw new Error("the case is gone");
    const known = await knowledgeAfter(given.known, pages);
    const check = (of: Knowledge) =>
      checkGeneration(of, evidenceOf(pages, given.changes), ownPage(given.changes), {
        body: text(given.header),
        signature: decode(given.signature),
        boxes: text(given.boxes),
        pairs: pairsOf(given.pairs),
      });
    return { pages, known, given, check };
  }

  it("comes out of a store as it went in, and goes on from there", async () => {
    const { known, check } = await longHistory();
    const stored = structuredClone(known);
    expect(stored).toEqual(known);
    expect((await check(stored)).problem).toBeNull();
  });

  it("refuses every older header once more", async () => {
    const { pages, known, given, check } = await longHistory();
    const now = await check(known);
    if (now.problem !== null) throw new Error(now.problem);
    const signature = decode(given.signature);
    const after = await noteAccepted(known, now.header, signature, now.secret, () => 1);
    expect(after.signature).toEqual(signature);
    const older = given.known.flatMap(({ accepted }) => accepted ?? []);
    expect(older).toHaveLength(2);
    for (const place of [...older, given.header]) {
      const of = checks.cases.find(({ header }) => header === place);
      if (of === undefined) throw new Error("no case has this header");
      const again = await checkGeneration(after, evidenceOf(pages), ownPage(), {
        body: text(of.header),
        signature: decode(of.signature),
        boxes: text(of.boxes),
        pairs: pairsOf(of.pairs),
      });
      expect(again.problem).toBe("not-linked");
    }
  });

  it("is lost with the store, which only then lets an older one in", async () => {
    const { check } = await longHistory();
    expect((await check(NOTHING_KNOWN)).problem).toBeNull();
  });
});

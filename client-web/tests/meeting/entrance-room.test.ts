// A page goes into the room of its link and no other, and tells the server nothing before it knows.

import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Refused } from "../../src/api/errors";
import { api } from "../../src/api/http";
import type { Info, Meeting, Seat } from "../../src/api/types";
import { concat, decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { doorOf, parseFragment } from "../../src/crypto/link-secret";
import { CryptoError } from "../../src/crypto/errors";
import * as records from "../../src/crypto/record";
import { enter, NoEntrance } from "../../src/meeting/entrance";
import { openSeats, type SeatStore } from "../../src/store/seats";
import { vectors } from "../vectors";

interface Case {
  name: string;
  pinned: string;
  room: string;
  charter: string;
  problem: string | null;
}
const { cases } = vectors("rooms") as { cases: Case[] };
const fragmentOf = ({ pinned }: Case): string =>
  encode(concat(new Uint8Array(32).fill(7), decode(pinned)));

describe("a page", () => {
  let store: SeatStore;

  beforeEach(async () => {
    const factory = new IDBFactory();
    store = await openSeats(() => factory);
    vi.spyOn(api, "info").mockResolvedValue({ build: encode(new Uint8Array(32)) } as Info);
    vi.spyOn(api, "me").mockResolvedValue({ account: null });
    vi.spyOn(records, "checkNotice").mockResolvedValue(new Uint8Array(32));
    vi.spyOn(records, "checkVaultKey").mockResolvedValue(null);
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  const seatOf = ({ charter, room }: Case): Seat => ({
    token: "token",
    host: false,
    meeting: { title: "Tea" } as Meeting,
    charter,
    room,
    ordinal: 3,
    vault_key: null,
    notices: [{ language: "en", text: "", digest: "" }],
    limits: { name: 64 },
  });
  const meetingOf = async ({ charter }: Case): Promise<string> =>
    encode((await parseCharter(decode(charter))).meeting);

  it.each(cases)("$name: $problem", async (given) => {
    const asked = vi.spyOn(api, "seat").mockResolvedValue(seatOf(given));
    const meeting = await meetingOf(given);
    const fragment = fragmentOf(given);
    const came = enter(meeting, fragment, store, "", 1);
    if (given.problem === null) {
      expect((await came).seat.link).toEqual({ fragment, ordinal: 3 });
    } else {
      await expect(came).rejects.toMatchObject({ reason: given.problem });
      expect(await store.find(meeting)).toBeNull();
    }
    const door = encode(await doorOf(parseFragment(fragment)));
    expect(asked.mock.calls).toEqual([[meeting, door]]);
  });

  it("that was in before does not follow a link into another room", async () => {
    const [good] = cases;
    if (good === undefined) throw new Error("there are cases");
    vi.spyOn(api, "seat").mockResolvedValue(seatOf(good));
    const meeting = await meetingOf(good);
    await enter(meeting, fragmentOf(good), store, "", 1);
    const other = { ...good, pinned: encode(new Uint8Array(32)) };
    const came = enter(meeting, fragmentOf(other), store, "", 1);
    await expect(came).rejects.toMatchObject({ reason: "other-room" });
    // Nor does the room change under it where it comes back without a link.
    vi.spyOn(api, "seat").mockRejectedValue(new Refused("bad-token"));
    expect((await enter(meeting, null, store, "", 1)).seat.link?.ordinal).toBe(3);
  });

  it.each([null, "", "AAAA"])("whose link ends in %j sends nothing", async (fragment) => {
    const [good] = cases;
    if (good === undefined) throw new Error("there are cases");
    const asked = vi.spyOn(api, "seat").mockResolvedValue(seatOf(good));
    const came = enter(await meetingOf(good), fragment, store, "", 1);
    await expect(came).rejects.toBeInstanceOf(NoEntrance);
    await expect(came).rejects.not.toBeInstanceOf(CryptoError);
    expect(asked).not.toHaveBeenCalled();
  });
});

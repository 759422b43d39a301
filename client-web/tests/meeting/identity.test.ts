import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Refused } from "../../src/api/errors";
import { api } from "../../src/api/http";
import type { Answers } from "../../src/consent/answers";
import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { broughtMac } from "../../src/crypto/link-secret";
import { parseRoom } from "../../src/crypto/room";
import { nameDigest } from "../../src/crypto/suite";
import type { Entrance } from "../../src/meeting/entrance";
import { Identity } from "../../src/meeting/identity";
import { openSeats, type SeatStore } from "../../src/store/seats";
import { hosts } from "../hosts";
import { vectors } from "../vectors";

const { charters } = vectors("statements") as { charters: Record<string, string> };
const { notice } = vectors("grant") as { notice: string };
const shown = { notice: decode(notice), language: "en", build: new Uint8Array(32) };

async function entrance(token: string): Promise<Entrance> {
  const charter = await parseCharter(decode(charters["both"] ?? ""));
  return {
    seat: {
      meeting: encode(charter.meeting),
      token,
      host: false,
      title: "Weekly",
      charter: charters["both"] ?? "",
      room: "",
      link: null,
      vaultKey: null,
      notices: [],
      nameLimit: 64,
      name: "",
      seed: null,
      salt: null,
      enrolment: null,
      savedAt: 1,
    },
    charter,
    room: await parseRoom(decode(hosts.room)),
    vaultKey: null,
    words: [],
    info: {} as Entrance["info"],
    build: new Uint8Array(32),
  };
}

describe("an identity", () => {
  let store: SeatStore;
  const ready: Answers[] = [];
  const owner = {
    deliver: () => Promise.resolve(null),
    onReady: (answers: Answers) => ready.push(answers),
  };

  beforeEach(async () => {
    const factory = new IDBFactory();
    store = await openSeats(() => factory);
    ready.length = 0;
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("is drawn once, and kept before anybody is told of it", async () => {
    const identity = new Identity(await entrance("one"), store, owner);
    expect([identity.answers.value, identity.receiptLink]).toEqual([null, null]);
    expect(await identity.recall()).toBeNull();
    const ask = vi.spyOn(api, "receipt");
    await identity.enrol("Ada", shown);
    expect(ask).not.toHaveBeenCalled();
    expect(ready).toEqual([identity.answers.value]);
    expect(await store.find(identity.seat.meeting)).toEqual(identity.seat);
    expect(identity.seat).toMatchObject({ name: "Ada", token: "one" });
    const { enrolment, seed } = identity.seat;
    // What was signed is what the person is called.
    await identity.enrol("Ada L.", shown);
    expect(identity.seat).toMatchObject({ name: "Ada", enrolment, seed });
    expect(ready).toHaveLength(1);
  });

  it("has a name that can be shown with the salt beside it, and with no other", async () => {
    const identity = new Identity(await entrance("one"), store, owner);
    await identity.enrol("Ada", shown);
    const { salt } = identity.seat;
    const signed = identity.answers.value?.enrolment.name;
    expect(signed).toEqual(await nameDigest(decode(salt ?? "", 32), "Ada"));
    expect(signed).not.toEqual(await nameDigest(new Uint8Array(32), "Ada"));
  });

  it("can be given another name, with the same keys, where that is not taken", async () => {
    const identity = new Identity(await entrance("one"), store, owner);
    await identity.enrol("Ad\u{1fae9}", shown);
    const { enrolment, seed } = identity.seat;
    await identity.unsign();
    expect(identity.answers.value).toBeNull();
    expect(await store.find(identity.seat.meeting)).toMatchObject({ seed, enrolment: null });
    await identity.enrol("Ada", shown);
    expect(identity.seat).toMatchObject({ name: "Ada", seed });
    expect(identity.seat.enrolment).not.toEqual(enrolment);
    expect(ready).toHaveLength(2);
  });

  it("shows that the invitation has brought it where there is one", async () => {
    const { link } = vectors("rooms") as { link: { fragment: string; brought: string } };
    const { seat, ...rest } = await entrance("one");
    const came = { fragment: link.fragment, ordinal: 3 };
    const identity = new Identity({ ...rest, seat: { ...seat, link: came } }, store, owner);
    await identity.enrol("Ada", shown);
    const { value: answers } = identity.answers;
    if (answers === null) throw new Error("the keys are there");
    const { digest, meeting } = answers.enrolment;
    const mac = encode(await broughtMac(decode(link.brought), meeting, 3, digest));
    expect(await identity.brought(answers)).toEqual({ ordinal: 3, mac });
  });

  it("shows nothing of that where there is none", async () => {
    const identity = new Identity(await entrance("one"), store, owner);
    await identity.enrol("Ada", shown);
    const { value: answers } = identity.answers;
    if (answers === null) throw new Error("the keys are there");
    expect(await identity.brought(answers)).toBeNull();
  });

  it("is that of another page, which was at the door before this one", async () => {
    const [one, other] = [
      new Identity(await entrance("one"), store, owner),
      new Identity(await entrance("other"), store, owner),
    ];
    await Promise.all([one.enrol("Ada", shown), other.enrol("Ada", shown)]);
    expect(one.seat.seed).not.toBeNull();
    expect(other.seat).toEqual(one.seat);
    expect(ready[1]?.keys.person).toEqual(ready[0]?.keys.person);
  });

  it.each([
    ["unreachable", true],
    ["not-enrolled", false],
  ] as const)("of an earlier page is ready where the server is %s", async (code, known) => {
    const first = await entrance("one");
    await new Identity(first, store, owner).enrol("Ada", shown);
    const seat = await store.find(first.seat.meeting);
    if (seat === null) throw new Error("the seat is kept");
    vi.spyOn(api, "receipt").mockRejectedValue(new Refused(code));
    const again = new Identity({ ...first, seat }, store, owner);
    expect(await again.recall()).toBeNull();
    expect(again.known.value).toBe(known);
    expect(again.answers.value?.keys.person).toEqual(ready[0]?.keys.person);
    expect([again.linkSeen.value, again.keyKept]).toEqual([true, true]);
  });
});

// What the browser that makes a meeting tells the server of it, and what it keeps to itself.

import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { api } from "../../src/api/http";
import type { Meeting } from "../../src/api/types";
import { decode, encode } from "../../src/crypto/bytes";
import { broughtKeyOf, doorOf, parseFragment } from "../../src/crypto/link-secret";
import { parseRoom } from "../../src/crypto/room";
import { digest, signer } from "../../src/crypto/suite";
import { found, renewLink } from "../../src/meeting/founding";
import { keptLink } from "../../src/store/links";
import { RoomStore } from "../../src/store/rooms";

const KEY = encode(Uint8Array.of(2, ...new Uint8Array(31)));
const TERMS = {
  mode: "relayed",
  retention_days: 90,
  cooling_off_seconds: 60,
  vault: KEY,
  server: KEY,
};
const WISH = {
  title: "Tea",
  recording: false,
  training: true,
  waitingRoom: true,
  lifetimeHours: 3,
};

describe("founding", () => {
  const kept = new Map<string, string>();
  let store: RoomStore;

  beforeEach(() => {
    kept.clear();
    const factory = new IDBFactory();
    store = new RoomStore(() => factory);
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => kept.set(name, text),
    });
    vi.spyOn(api, "terms").mockResolvedValue(TERMS);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const make = async () => {
    const create = vi
      .spyOn(api, "createMeeting")
      .mockResolvedValue({ meeting: { id: "a", title: "Tea" } as Meeting });
    const made = await found(WISH, store, 5);
    const [told] = create.mock.lastCall ?? [];
    if (told === undefined) throw new Error("nothing was told");
    return { ...made, told };
  };

  it("tells the server the room and a digest, and keeps the rest", async () => {
    const { link, told } = await make();
    const room = await parseRoom(decode(told.room));
    const secret = parseFragment(link.fragment);
    const door = await doorOf(secret);
    expect(Object.keys(told).sort()).toEqual(["door", "lifetime_hours", "room", "title"]);
    expect(told.door).toBe(encode(await digest(door)));
    expect(secret.room).toEqual(room.digest);
    expect(room).toMatchObject({
      mode: "relayed",
      recording: false,
      training: false,
      waitingRoom: true,
      retentionDays: 90,
      coolingOffSeconds: 60,
    });
    const host = (await store.find(encode(room.digest)))?.host ?? new Uint8Array();
    expect((await signer(host)).publicKey).toEqual(room.host);
    for (const own of [secret.secret, door, host, await broughtKeyOf(secret)]) {
      expect(JSON.stringify(told)).not.toContain(encode(own));
    }
    expect(keptLink("a")).toEqual(link);
    expect(link.ordinal).toBe(1);
  });

  it("is never the same twice", async () => {
    const [one, other] = [await make(), await make()];
    expect(one.told.room).not.toBe(other.told.room);
    expect(one.link.fragment.slice(0, 40)).not.toBe(other.link.fragment.slice(0, 40));
  });

  it("makes a new link into the same room, with a secret of its own", async () => {
    const { link } = await make();
    const renew = vi.spyOn(api, "newLink").mockResolvedValue({ ordinal: 2 });
    const next = await renewLink("a");
    if (next === null) throw new Error("there is one");
    const [before, after] = [parseFragment(link.fragment), parseFragment(next.fragment)];
    expect(after.room).toEqual(before.room);
    expect(after.secret).not.toEqual(before.secret);
    expect(renew).toHaveBeenCalledWith("a", encode(await digest(await doorOf(after))));
    expect(keptLink("a")).toEqual({ fragment: next.fragment, ordinal: 2 });
  });

  it("makes none for a meeting whose link it does not have", async () => {
    const renew = vi.spyOn(api, "newLink").mockResolvedValue({ ordinal: 2 });
    expect(await renewLink("b")).toBeNull();
    expect(renew).not.toHaveBeenCalled();
  });
});

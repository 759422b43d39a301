import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import { RoomStore } from "../../src/store/rooms";
import { openSeats } from "../../src/store/seats";

const kept = (room: string, savedAt: number) => ({ room, host: new Uint8Array(32), savedAt });

describe("host keys", () => {
  it("outlive the page, beside the seats", async () => {
    const factory = new IDBFactory();
    await openSeats(() => factory);
    await new RoomStore(() => factory).keep(kept("a", 1));
    expect(await new RoomStore(() => factory).find("a")).toEqual(kept("a", 1));
    expect(await new RoomStore(() => factory).find("b")).toBeNull();
  });

  it("are kept up to a number, the oldest going first", async () => {
    const store = new RoomStore(() => new IDBFactory());
    for (let at = 0; at < 202; at += 1) await store.keep(kept(String(at), at));
    expect(await store.find("1")).toBeNull();
    expect(await store.find("2")).not.toBeNull();
    expect(await store.find("201")).not.toBeNull();
  });

  it("that a browser does not keep are said to be none", async () => {
    const refusing = {
      open: () => {
        throw new DOMException("no", "SecurityError");
      },
    } as unknown as IDBFactory;
    await expect(new RoomStore(() => refusing).keep(kept("a", 1))).rejects.toBeInstanceOf(Refused);
  });
});

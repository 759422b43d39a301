import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";

import { openSeats, type StoredSeat } from "../../src/store/seats";

function seat(meeting: string, savedAt: number): StoredSeat {
  return {
    meeting,
    token: "token",
    host: false,
    title: "Weekly",
    charter: "",
    vaultKey: null,
    notices: [],
    nameLimit: 64,
    name: "Ada",
    seed: new Uint8Array(32).fill(7),
    enrolment: null,
    savedAt,
  };
}

describe("seats", () => {
  it("are kept from one page to the next, seed and all", async () => {
    const factory = new IDBFactory();
    await (await openSeats(factory)).save(seat("a", 1));
    const again = await openSeats(factory);
    expect(await again.find("a")).toEqual(seat("a", 1));
    expect(await again.find("b")).toBeNull();
    await again.save({ ...seat("a", 2), name: "Ada L." });
    await again.save(seat("b", 3));
    expect((await again.all()).map(({ meeting }) => meeting)).toEqual(["b", "a"]);
    await again.remove("a");
    expect(await again.find("a")).toBeNull();
  });

  it("are kept as long as the page where the browser keeps nothing", async () => {
    const refusing = {
      open: () => {
        throw new DOMException("no", "SecurityError");
      },
    };
    const store = await openSeats(refusing as unknown as IDBFactory);
    await store.save(seat("a", 1));
    expect(await store.find("a")).toEqual(seat("a", 1));
    expect(await store.all()).toHaveLength(1);
  });
});

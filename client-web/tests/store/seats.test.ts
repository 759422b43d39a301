import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import { openSeats, type SeatStore, settle, type StoredSeat } from "../../src/store/seats";

function seat(meeting: string, savedAt: number, seed: number | null = 7): StoredSeat {
  return {
    meeting,
    token: `token of ${String(seed)}`,
    host: false,
    title: "Weekly",
    charter: "",
    room: "",
    link: null,
    vaultKey: null,
    notices: [],
    nameLimit: 64,
    name: "Ada",
    salt: null,
    seed: seed === null ? null : new Uint8Array(32).fill(seed),
    enrolment: seed === null ? null : { document: `document ${seed}`, signature: "" },
    savedAt,
  };
}

const refusing = {
  open: () => {
    throw new DOMException("no", "SecurityError");
  },
} as unknown as IDBFactory;

describe.each([
  [
    "in the browser",
    (): (() => Promise<SeatStore>) => {
      const factory = new IDBFactory();
      return () => openSeats(() => factory);
    },
  ],
  [
    "for the page alone",
    (): (() => Promise<SeatStore>) => {
      const store = openSeats(() => refusing);
      return () => store;
    },
  ],
] as const)("seats kept %s", (_, make) => {
  it("are there for the next page, seed and all", async () => {
    const open = make();
    await (await open()).adopt(seat("a", 1));
    const again = await open();
    expect(await again.find("a")).toEqual(seat("a", 1));
    expect(await again.find("b")).toBeNull();
    await again.adopt({ ...seat("a", 2), title: "Daily" });
    expect((await again.find("a"))?.title).toBe("Daily");
    await again.adopt(seat("b", 3));
    expect((await again.all()).map(({ meeting }) => meeting)).toEqual(["b", "a"]);
  });

  it("lose no seed to whoever comes later, with another or with none", async () => {
    const store = await make()();
    await store.adopt(seat("a", 1));
    expect(await store.adopt(seat("a", 2, 8))).toEqual(seat("a", 1));
    expect(await store.adopt(seat("a", 3, null))).toEqual(seat("a", 1));
    expect(await store.find("a")).toEqual(seat("a", 1));
  });

  it("are decided once, however many pages ask at the same time", async () => {
    const open = make();
    const pages = await Promise.all(Array.from({ length: 20 }, () => open()));
    await pages[0]?.adopt(seat("a", 0, null));
    const kept = await Promise.all(pages.map((page, at) => page.adopt(seat("a", at, at + 1))));
    expect(new Set(kept.map(({ seed }) => seed?.[0])).size).toBe(1);
    expect(new Set(kept.map(({ token }) => token)).size).toBe(1);
    expect(await (await open()).find("a")).toEqual(kept[0]);
  });

  it("are signed anew only where what was refused is what is kept", async () => {
    const store = await make()();
    await store.adopt(seat("a", 1));
    await store.unsign("a", "another document");
    await store.unsign("b", "document 7");
    expect(await store.find("a")).toEqual(seat("a", 1));
    await store.unsign("a", "document 7");
    expect(await store.find("a")).toEqual({ ...seat("a", 1), enrolment: null, salt: null });
  });

  it("keep every seed when another seat is taken on purpose", async () => {
    const store = await make()();
    await store.adopt(seat("a", 1, 1));
    await store.setAside("a");
    expect(await store.find("a")).toBeNull();
    await store.adopt(seat("a", 2, 2));
    await store.setAside("a");
    await store.setAside("a");
    await store.setAside("b");
    expect((await store.former("a")).map(({ seed }) => seed?.[0])).toEqual([1, 2]);
    expect(await store.former("b")).toEqual([]);
  });
});

describe("a seat", () => {
  it("without keys makes room for a newer one", () => {
    expect(settle(seat("a", 1, null), seat("a", 2, null))).toEqual(seat("a", 2, null));
    expect(settle(seat("a", 1, null), seat("a", 2, 5))).toEqual(seat("a", 2, 5));
    expect(settle(null, seat("a", 2, null))).toEqual(seat("a", 2, null));
  });

  it("keeps the enrolment that was signed first", () => {
    const other = { ...seat("a", 2), enrolment: { document: "other", signature: "" } };
    expect(settle(seat("a", 1), other).enrolment).toEqual(seat("a", 1).enrolment);
    expect(settle({ ...seat("a", 1), enrolment: null }, other).enrolment).toEqual(other.enrolment);
  });

  it("keeps the name and the salt that an enrolment was signed with", () => {
    const signed = { ...seat("a", 1), name: "Ada", salt: "one" };
    const other = { ...seat("a", 2), name: "Bo", salt: "other" };
    expect(settle(signed, other)).toMatchObject({ name: "Ada", salt: "one" });
    const not = { ...signed, enrolment: null, salt: null };
    expect(settle(not, other)).toMatchObject({ name: "Bo", salt: "other" });
  });
});

describe("the browser's store", () => {
  it("of the first version is taken over", async () => {
    const factory = new IDBFactory();
    await new Promise((resolve) => {
      const opening = factory.open("assent", 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("seats", { keyPath: "meeting" }).put(seat("a", 1));
      };
      opening.onsuccess = () => {
        opening.result.close();
        resolve(null);
      };
    });
    const store = await openSeats(() => factory);
    expect(await store.find("a")).toEqual(seat("a", 1));
    await store.setAside("a");
    expect(await store.former("a")).toEqual([seat("a", 1)]);
  });

  it("goes on after a page of a newer version has changed it", async () => {
    const factory = new IDBFactory();
    const store = await openSeats(() => factory);
    await store.adopt(seat("a", 1));
    await new Promise((resolve) => {
      const opening = factory.open("assent", 9);
      opening.onsuccess = () => {
        opening.result.onversionchange = () => {
          opening.result.close();
        };
        resolve(null);
      };
    });
    await store.adopt(seat("b", 2));
    expect(await store.find("a")).toEqual(seat("a", 1));
    expect(await (await openSeats(() => factory)).find("b")).toEqual(seat("b", 2));
  });

  it("says so where it cannot keep a seat", async () => {
    const factory = new IDBFactory();
    const store = await openSeats(() => factory);
    const unclonable = { ...seat("a", 1), title: (() => "no") as unknown as string };
    const refusal = await store.adopt(unclonable).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect((refusal as Refused).code).toBe("not-kept");
  });
});

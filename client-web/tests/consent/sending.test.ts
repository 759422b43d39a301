import "fake-indexeddb/auto";

import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Code, Refused } from "../../src/api/errors";
import { notTaken, sendLeft, sendUntilTaken } from "../../src/consent/sending";
import { openUnsent, type Unsent } from "../../src/store/unsent";

const ONE: Unsent = { id: "m/p", statement: "s1", signature: "x", sealed: null };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server that answers with these codes, and takes what comes then. */
function serverOf(codes: (Code | [Code, number])[]): {
  deliver: () => Promise<void>;
  at: number[];
} {
  const at: number[] = [];
  return {
    at,
    deliver: () => {
      at.push(Date.now());
      const next = codes.shift();
      if (next === undefined) return Promise.resolve();
      const [code, after] = Array.isArray(next) ? next : [next, null];
      return Promise.reject(new Refused(code, "", null, after));
    },
  };
}

async function until(done: Promise<unknown>): Promise<void> {
  const state = { open: true };
  done.then(
    () => (state.open = false),
    () => (state.open = false),
  );
  while (state.open) {
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(500);
  }
}

describe("sending until it is taken", () => {
  it.each<Code>(["try-again", "internal", "not-understood", "storage-unavailable", "rate-limited"])(
    "goes on after %s",
    async (code) => {
      const { at, deliver } = serverOf([code, code, code]);
      const sent = sendUntilTaken("m/p", deliver);
      await until(sent);
      await sent;
      expect(at).toHaveLength(4);
    },
  );

  it.each<Code>(["bad-statement", "bad-signature", "stale-statement", "not-enrolled"])(
    "ends with %s, for nothing would come of it",
    async (code) => {
      const { at, deliver } = serverOf([code]);
      await expect(sendUntilTaken("m/p", deliver)).rejects.toMatchObject({ code });
      expect(at).toHaveLength(1);
    },
  );

  it("leaves longer and longer pauses, and never shorter ones than it is asked for", async () => {
    const { at, deliver } = serverOf([
      ...Array.from({ length: 12 }, (): Code => "try-again"),
      ["try-again", 40],
    ]);
    await until(sendUntilTaken("m/p", deliver));
    const pauses = at.slice(1).map((time, place) => time - (at[place] ?? 0));
    expect(Math.max(...pauses.slice(0, 12))).toBeLessThanOrEqual(15_000);
    expect(pauses[10]).toBeGreaterThanOrEqual(11_000);
    expect(pauses[12]).toBeGreaterThanOrEqual(40_000);
  });

  it("is told to people from the first refusal to the end", async () => {
    const { deliver } = serverOf(["try-again", "try-again"]);
    const told: boolean[] = [];
    const stop = notTaken.subscribe((ids) => told.push(ids.has("m/p")));
    await until(sendUntilTaken("m/p", deliver));
    stop();
    expect(told).toEqual([false, true, false]);
  });
});

describe("what an earlier page has left", () => {
  it("is sent and then forgotten", async () => {
    const factory = new IDBFactory();
    const store = await openUnsent(factory);
    await store.keep(ONE);
    const again = await openUnsent(factory);
    const { at, deliver } = serverOf(["unreachable"]);
    await until(sendLeft(again, deliver));
    expect(at).toHaveLength(2);
    expect(await again.all()).toEqual([]);
  });

  it("stays for the page that has the keys where it does not follow any more", async () => {
    const store = await openUnsent(new IDBFactory());
    await store.keep(ONE);
    await until(sendLeft(store, serverOf(["stale-statement"]).deliver));
    expect(await store.find("m/p")).toEqual(ONE);
  });

  it("gives way to nothing but itself", async () => {
    const store = await openUnsent(new IDBFactory());
    await store.keep(ONE);
    await store.drop({ ...ONE, statement: "another" });
    expect(await store.find("m/p")).toEqual(ONE);
    await store.drop(ONE);
    expect(await store.find("m/p")).toBeNull();
  });
});

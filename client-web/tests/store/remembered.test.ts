import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";

import type { Disagreement, Head, KeptAcknowledgement } from "../../src/proof/agreement";
import { MOST_ACKNOWLEDGEMENTS, openRemembered, type Remembered } from "../../src/store/remembered";

function head(size: number): Head {
  const log = { document: "log", signature: "" };
  return { origin: "o", key: "k", log, note: `note of ${size}`, size, root: "r" };
}

function acknowledgement(sequence: number, document = `of ${sequence}`): KeptAcknowledgement {
  return { document, signature: "", sequence };
}

function disagreement(code: Disagreement["code"], sequence: number | null = null): Disagreement {
  const nothing = { log: null, note: null, acknowledgement: null };
  return { code, sequence, index: null, kept: nothing, shown: nothing };
}

const refusing = {
  open: () => {
    throw new DOMException("no", "SecurityError");
  },
} as unknown as IDBFactory;

describe.each([
  [
    "in the browser",
    true,
    (): (() => Promise<Remembered>) => {
      const factory = new IDBFactory();
      return () => openRemembered(factory);
    },
  ],
  [
    "for the page alone",
    false,
    (): (() => Promise<Remembered>) => {
      const store = openRemembered(refusing);
      return () => store;
    },
  ],
] as const)("what is remembered %s", (_, lasting, make) => {
  it("is there for the next page", async () => {
    const open = make();
    const store = await open();
    expect(store.lasting).toBe(lasting);
    expect(await store.advance("s", null, head(4), 10)).toBe(true);
    await store.acknowledge("m/p", "s", [acknowledgement(0)], 11);
    const next = await open();
    expect(await next.log("s")).toEqual({
      id: "s",
      since: 10,
      head: head(4),
      disagreements: [],
    });
    expect(await next.person("m/p")).toEqual({
      id: "m/p",
      since: 11,
      server: "s",
      admitted: false,
      acknowledgements: [acknowledgement(0)],
      disagreements: [],
    });
    expect([await next.log("t"), await next.person("m/q")]).toEqual([null, null]);
  });

  it("is a head only in the place of the one that it was compared with", async () => {
    const open = make();
    const [one, other] = await Promise.all([open(), open()]);
    await one.advance("s", null, head(4), 10);
    expect(await other.advance("s", null, head(2), 11)).toBe(false);
    expect(await one.advance("s", head(4), head(9), 12)).toBe(true);
    expect(await other.advance("s", head(4), head(7), 13)).toBe(false);
    expect(await other.log("s")).toMatchObject({ since: 10, head: { size: 9 } });
    const raced = await Promise.all(
      [11, 12, 13].map((size) => one.advance("s", head(9), head(size), 14)),
    );
    expect(raced.filter((kept) => kept)).toHaveLength(1);
  });

  it("is no acknowledgement in the place of another", async () => {
    const store = await make()();
    await store.acknowledge("m/p", "s", [acknowledgement(1), acknowledgement(0)], 10);
    await store.acknowledge("m/p", "t", [acknowledgement(1, "other"), acknowledgement(2)], 11);
    expect(await store.person("m/p")).toMatchObject({
      since: 10,
      server: "s",
      acknowledgements: [acknowledgement(0), acknowledgement(1), acknowledgement(2)],
    });
  });

  it("is bounded: the enrolment's acknowledgement and those of the newest answers", async () => {
    const store = await make()();
    const all = Array.from({ length: MOST_ACKNOWLEDGEMENTS + 10 }, (_, at) => acknowledgement(at));
    for (const one of all) await store.acknowledge("m/p", "s", [one], 10);
    const kept = (await store.person("m/p"))?.acknowledgements ?? [];
    expect(kept).toHaveLength(MOST_ACKNOWLEDGEMENTS);
    expect(kept[0]).toEqual(acknowledgement(0));
    expect(kept.slice(1)).toEqual(all.slice(1 - MOST_ACKNOWLEDGEMENTS));
  });

  it("is what did not agree, as it was found first, until it is forgotten", async () => {
    const store = await make()();
    await store.advance("s", null, head(4), 1);
    await store.acknowledge("m/p", "s", [acknowledgement(0), acknowledgement(1)], 1);
    await store.admit("m/p");
    for (const at of [10, 11]) {
      await store.disputeLog("s", disagreement("smaller"), at);
      await store.disputePerson(
        "m/p",
        [disagreement("missing", 0), disagreement("missing", 1)],
        at,
      );
    }
    await store.advance("s", head(4), head(9), 12);
    await store.acknowledge("m/p", "s", [acknowledgement(2)], 12);
    expect((await store.log("s"))?.disagreements).toEqual([{ ...disagreement("smaller"), at: 10 }]);
    expect(await store.person("m/p")).toMatchObject({
      admitted: true,
      disagreements: [
        { ...disagreement("missing", 0), at: 10 },
        { ...disagreement("missing", 1), at: 10 },
      ],
    });
    await store.acknowledge("m/q", "s", [acknowledgement(0)], 1);
    await store.forget("m/p", "s");
    expect([await store.log("s"), await store.person("m/p")]).toEqual([null, null]);
    expect(await store.person("m/q")).not.toBeNull();
  });
});

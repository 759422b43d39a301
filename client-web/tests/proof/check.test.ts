import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { decode } from "../../src/crypto/bytes";
import { CHECKS, checkReceipt, type Pins } from "../../src/proof/check";
import { vectors } from "../vectors";

interface Case {
  name: string;
  file: string;
  server: string | null;
  vault: string | null;
  witnesses: { name: string; key: string }[];
  failures: [string, string][];
}

const { cases } = vectors("receipts/cases") as { cases: Case[] };

function load(file: string): Uint8Array {
  return readFileSync(new URL(`../../../tests/vectors/receipts/${file}`, import.meta.url));
}

function pinsOf(one: Case): Pins {
  return {
    server: one.server === null ? null : decode(one.server),
    vault: one.vault === null ? null : decode(one.vault),
    witnesses: one.witnesses.map(({ key, name }) => ({ name, key: decode(key) })),
  };
}

describe("receipts of the vectors", () => {
  it("are many", () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  it.each(cases)("$name", async (one) => {
    const verdict = await checkReceipt(load(one.file), pinsOf(one));
    const failed = verdict.checks.flatMap(({ code, name }) =>
      code === null ? [] : [[name, code]],
    );
    expect(failed).toEqual(one.failures);
    expect(verdict.holds).toBe(one.failures.length === 0);
    expect(verdict.receipt === null).toBe(!verdict.holds);
  });
});

describe("a receipt with one byte changed", () => {
  // Every byte of a smaller one is changed by the Python tests; here a sample, spread over all parts.
  const STEP = 61;

  it("never holds", async () => {
    const body = new Uint8Array(load("good-everything.assent-receipt.json"));
    const unnoticed: number[] = [];
    for (let at = 0; at < body.length; at += STEP) {
      const changed = body.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const { holds } = await checkReceipt(changed, { server: null, vault: null });
      if (holds) unnoticed.push(at);
    }
    expect(unnoticed).toEqual([]);
  });
});

describe("checks", () => {
  it("are told one by one, in order, and waited for", async () => {
    const told: string[] = [];
    let open = 0;
    await checkReceipt(
      load("good-everything.assent-receipt.json"),
      { server: null, vault: null },
      async ({ name }) => {
        open += 1;
        expect(open).toBe(1);
        await Promise.resolve();
        open -= 1;
        told.push(name);
      },
    );
    expect(told).toEqual([...CHECKS]);
  });
});

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { decode } from "../../src/crypto/bytes";
import { checkReceipt, type Pins } from "../../src/proof/check";
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

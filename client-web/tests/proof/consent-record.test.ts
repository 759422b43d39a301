import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { checkReceipt } from "../../src/proof/check";
import { consentRecord } from "../../src/proof/consent-record";

function load(name: string): Uint8Array {
  return readFileSync(new URL(`../../../tests/vectors/receipts/${name}`, import.meta.url));
}

describe("consent records", () => {
  it.each([
    "good-everything",
    "good-exported-and-destroyed",
    "good-nothing-answered",
    "good-nothing-offered",
  ])("of %s are those of the command line, byte for byte", async (name) => {
    const { receipt } = await checkReceipt(load(`${name}.assent-receipt.json`), {
      server: null,
      vault: null,
    });
    expect(receipt).not.toBeNull();
    if (receipt === null) return;
    expect(consentRecord(receipt)).toBe(new TextDecoder().decode(load(`${name}.jsonld`)));
  });
});

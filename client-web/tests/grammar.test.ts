import { describe, expect, it } from "vitest";

import { concat, decode } from "../src/crypto/bytes";
import { believed, type GivenText, judge, READERS } from "./readers";
import { vectors } from "./vectors";

interface Case {
  name: string;
  reader: string;
  bytes: [string, number][];
  signature: string | null;
  code: string | null;
}

const { cases, given } = vectors("grammar") as { cases: Case[]; given: GivenText };

const known = await believed(given);

describe("the grammar of the vectors", () => {
  it("is of every reader, both ways", () => {
    for (const reader of Object.keys(READERS)) {
      const codes = cases.filter((one) => one.reader === reader).map(({ code }) => code);
      expect(codes).toContain(null);
      expect(new Set(codes).size).toBeGreaterThan(1);
    }
  });

  it.each(cases)("$name", async (one) => {
    const pieces = one.bytes.flatMap(([piece, times]) => repeated(decode(piece), times));
    const signature = decode(one.signature ?? "");
    const code = await judge(one.reader, concat(...pieces), signature, known);
    expect(code).toBe(one.code);
  });
});

/** Not one array for each byte of 16 MiB. */
function repeated(piece: Uint8Array, times: number): Uint8Array {
  const whole = new Uint8Array(piece.length * times);
  for (let at = 0; at < times; at += 1) whole.set(piece, at * piece.length);
  return whole;
}

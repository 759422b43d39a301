import { describe, expect, it } from "vitest";

import { type Bytes, concat, decode, encode } from "../../src/crypto/bytes";
import { CryptoError } from "../../src/crypto/errors";
import { digest } from "../../src/crypto/suite";
import { openChunked } from "../../src/watching/chunked";
import { vectors } from "../vectors";

interface Case {
  name: string;
  of: string;
  pieces: [number, number][];
  flip: number | null;
  digest: string | null;
  key?: string;
  context?: string;
}

const { chunked } = vectors("watching") as {
  chunked: { key: string; context: string; sealed: Record<string, string>; cases: Case[] };
};

function put(one: Case): Bytes {
  const base = decode(chunked.sealed[one.of] ?? "");
  const data = concat(...one.pieces.map(([start, end]) => base.subarray(start, end)));
  if (one.flip !== null) data.set([(data[one.flip] ?? 0) ^ 1], one.flip);
  return data;
}

describe("chunked encryption", () => {
  it.each(chunked.cases)("$name", async (one) => {
    const key = decode(one.key ?? chunked.key);
    const opening = openChunked(key, decode(one.context ?? chunked.context), put(one));
    if (one.digest === null) await expect(opening).rejects.toThrow(CryptoError);
    else expect(encode(await digest(await opening))).toBe(one.digest);
  });

  it("opens nothing at any length but the whole", async () => {
    const whole = decode(chunked.sealed["short"] ?? "");
    for (let length = 0; length < whole.length; length += 1) {
      const cut = openChunked(decode(chunked.key), decode(chunked.context), whole.slice(0, length));
      await expect(cut).rejects.toThrow(CryptoError);
    }
  });
});

// RFC 9605's own vectors, and the headers of ours that are none.

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type Bytes, concat, decode } from "../../src/crypto/bytes";
import { FormatError, SealError } from "../../src/crypto/errors";
import {
  AES_128_GCM,
  AES_256_GCM,
  deriveSframe,
  readHeader,
  SframeKey,
  writeHeader,
} from "../../src/e2ee/sframe";
import { vectors } from "../vectors";

interface Rfc {
  header: { kid: string; ctr: string; encoded: string }[];
  sframe: (Record<
    "base_key" | "sframe_key" | "sframe_salt" | "metadata" | "pt" | "ct" | "kid" | "ctr",
    string
  > & { cipher_suite: number })[];
}

// The file has numbers of 64 bits, which JSON.parse would round.
const text = readFileSync(new URL("../../../tests/vectors/rfc9605.json", import.meta.url), "utf8");
const rfc = JSON.parse(text.replace(/"(kid|ctr)": (\d+)/g, '"$1": "$2"')) as Rfc;
const frames = vectors("frames") as { headers: { name: string; bytes: string }[] };
const suites = [AES_128_GCM, AES_256_GCM];

function hex(bytes: string): Bytes {
  return new Uint8Array(Buffer.from(bytes, "hex"));
}

describe("headers", () => {
  it("are those of the RFC", () => {
    expect(rfc.header).toHaveLength(289);
    for (const { encoded, ...numbers } of rfc.header) {
      const header = { kid: BigInt(numbers.kid), ctr: BigInt(numbers.ctr) };
      const bytes = hex(encoded);
      expect(writeHeader(header)).toEqual(bytes);
      const read = readHeader(concat(bytes, Uint8Array.of(1, 2)));
      expect(read).toEqual({ header, length: bytes.length });
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => readHeader(bytes.subarray(0, length))).toThrow(FormatError);
      }
    }
  });

  it.each(frames.headers)("are none: $name", ({ bytes }) => {
    expect(() => readHeader(decode(bytes))).toThrow(FormatError);
  });

  it.each([-1n, 2n ** 64n])("have numbers of 64 bits, not %d", (number) => {
    expect(() => writeHeader({ kid: number, ctr: 0n })).toThrow(RangeError);
    expect(() => writeHeader({ kid: 0n, ctr: number })).toThrow(RangeError);
  });
});

describe("a key", () => {
  it("opens nothing that names another key id, though it could", async () => {
    const base = new Uint8Array(32);
    const { key, salt: iv } = await deriveSframe(base, 9n, AES_256_GCM);
    const additionalData = writeHeader({ kid: 8n, ctr: 0n });
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
    const forged = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData },
      aes,
      new Uint8Array(5),
    );
    const mine = await SframeKey.of(base, 9n);
    const whole = concat(additionalData, new Uint8Array(forged));
    await expect(mine.decrypt(whole, new Uint8Array())).rejects.toThrow(/another key id/);
  });
});

describe.each(suites)("cipher suite $number", (suite) => {
  const found = rfc.sframe.filter((one) => one.cipher_suite === suite.number);

  it("is that of the RFC", async () => {
    expect(found).toHaveLength(1);
    for (const one of found) {
      const [kid, ctr] = [BigInt(one.kid), BigInt(one.ctr)];
      const derived = await deriveSframe(hex(one.base_key), kid, suite);
      expect(derived).toEqual({ key: hex(one.sframe_key), salt: hex(one.sframe_salt) });
      const key = await SframeKey.of(hex(one.base_key), kid, suite);
      const sealed = await key.encrypt(ctr, hex(one.pt), hex(one.metadata));
      expect(sealed).toEqual(hex(one.ct));
      const opened = await key.decrypt(sealed, hex(one.metadata));
      expect(opened).toEqual({ ctr, plaintext: hex(one.pt) });
    }
  });

  it("notices every changed byte", async () => {
    const [one] = found;
    if (one === undefined) throw new Error("no vector");
    const key = await SframeKey.of(hex(one.base_key), BigInt(one.kid), suite);
    const sealed = hex(one.ct);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(key.decrypt(changed, hex(one.metadata))).rejects.toThrow(/./);
    }
    await expect(key.decrypt(sealed, new Uint8Array())).rejects.toThrow(SealError);
    await expect(key.decrypt(sealed.subarray(0, 20), hex(one.metadata))).rejects.toThrow(
      FormatError,
    );
  });
});

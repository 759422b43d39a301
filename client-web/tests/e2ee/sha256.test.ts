import { createHash, createHmac, hkdfSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { expand, hkdf, hmac, mac, macKey, sha256 } from "../../src/e2ee/sha256";

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 167 + length * 31) & 0xff);
}

const hex = (data: ArrayBuffer | Uint8Array): string =>
  Buffer.from(data as Uint8Array).toString("hex");

describe("SHA-256", () => {
  it.each(Array.from({ length: 200 }, (_, length) => length))("of %i bytes", (length) => {
    expect(hex(sha256(bytes(length)))).toBe(
      createHash("sha256").update(bytes(length)).digest("hex"),
    );
  });

  it("of a megabyte, and of all the bytes there are", () => {
    const long = bytes(1_000_003);
    expect(hex(sha256(long))).toBe(createHash("sha256").update(long).digest("hex"));
  });

  it.each([0, 1, 31, 32, 63, 64, 65, 200])("HMAC and HKDF with a key of %i bytes", (length) => {
    for (const size of [0, 18, 55, 56, 64, 150]) {
      const [key, message] = [bytes(length), bytes(size)];
      const expected = createHmac("sha256", key).update(message).digest("hex");
      expect(hex(hmac(key, message))).toBe(expected);
      expect(hex(mac(macKey(key), message))).toBe(expected);
      expect(hex(hkdf(key, bytes(32), message))).toBe(
        hex(new Uint8Array(hkdfSync("sha256", key, bytes(32), message, 32))),
      );
    }
  });

  it("does not change what it is given", () => {
    const [key, message] = [bytes(32), bytes(64)];
    expand(macKey(key), message);
    expect([key, message]).toEqual([bytes(32), bytes(64)]);
  });
});

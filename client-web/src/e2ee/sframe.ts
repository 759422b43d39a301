// SFrame, RFC 9605: headers, keys and the encryption of one frame, with AES-GCM. Whose key it is, and
// what a counter stands for, is frame-key.ts's.

import { type Bytes, concat, utf8 } from "../crypto/bytes";
import { FormatError, SealError } from "../crypto/errors";

export const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const MAX_NUMBER = 2n ** 64n - 1n;

/** A cipher suite of the RFC's section 4.5. */
export interface SframeSuite {
  readonly number: number;
  readonly keyBytes: number;
  readonly hash: "SHA-256" | "SHA-512";
}

export const AES_128_GCM: SframeSuite = { number: 4, keyBytes: 16, hash: "SHA-256" };
/** The one that format 2 uses; the other is there because the RFC's own vectors show it too. */
export const AES_256_GCM: SframeSuite = { number: 5, keyBytes: 32, hash: "SHA-512" };

export interface SframeHeader {
  readonly kid: bigint;
  readonly ctr: bigint;
}

/**
 * Write a header, 1 to 17 bytes (section 4.3): X K K K Y C C C, then the key id, then the counter.
 * A number of 0 … 7 stands in its half of the first byte; another one's length, less 1, with X or Y.
 */
export function writeHeader({ kid, ctr }: SframeHeader): Bytes {
  const key = shortest(kid);
  const counter = shortest(ctr);
  return concat(Uint8Array.of((nibble(kid, key) << 4) | nibble(ctr, counter)), key, counter);
}

/** Read the header that `data` begins with, and how long it is; throws FormatError. */
export function readHeader(data: Uint8Array): { header: SframeHeader; length: number } {
  const first = data[0];
  if (first === undefined) throw new FormatError("header", "is cut short");
  const [kid, middle] = readNumber(first >> 4, data, 1);
  const [ctr, length] = readNumber(first & 15, data, middle);
  return { header: { kid, ctr }, length };
}

function readNumber(half: number, data: Uint8Array, at: number): [bigint, number] {
  if (half < 8) return [BigInt(half), at];
  const end = at + (half & 7) + 1;
  if (data.length < end) throw new FormatError("header", "is cut short");
  let number = 0n;
  for (const byte of data.subarray(at, end)) number = (number << 8n) | BigInt(byte);
  // One frame has one header: "encoded … with the minimum number of bytes".
  if (nibble(number, shortest(number)) !== half) {
    throw new FormatError("header", "has a number that is not in its shortest form");
  }
  return [number, end];
}

/** The bytes of a number that does not fit into three bits; none of one that does. */
function shortest(number: bigint): Bytes {
  if (number < 0n || number > MAX_NUMBER) throw new RangeError("a number has 64 bits");
  const bytes: number[] = [];
  if (number >= 8n) {
    for (let rest = number; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 255n));
  }
  return Uint8Array.from(bytes);
}

function nibble(number: bigint, bytes: Uint8Array): number {
  return bytes.length === 0 ? Number(number) : 8 | (bytes.length - 1);
}

/** `sframe_key` and `sframe_salt` of a key id (section 4.4.2). */
export async function deriveSframe(
  baseKey: Bytes,
  kid: bigint,
  suite: SframeSuite,
): Promise<{ key: Bytes; salt: Bytes }> {
  const which = new Uint8Array(10);
  const view = new DataView(which.buffer);
  view.setBigUint64(0, kid);
  view.setUint16(8, suite.number);
  const material = await crypto.subtle.importKey("raw", baseKey, "HKDF", false, ["deriveBits"]);
  const expand = async (label: string, length: number) =>
    new Uint8Array(
      await crypto.subtle.deriveBits(
        {
          name: "HKDF",
          hash: suite.hash,
          salt: new Uint8Array(),
          info: concat(utf8(label), which),
        },
        material,
        length * 8,
      ),
    );
  const [key, salt] = await Promise.all([
    expand("SFrame 1.0 Secret key ", suite.keyBytes),
    expand("SFrame 1.0 Secret salt ", NONCE_BYTES),
  ]);
  return { key, salt };
}

/** The key of one key id. A counter encrypts once: see frame-counter.ts. */
export class SframeKey {
  readonly kid: bigint;
  readonly #aes: CryptoKey;
  readonly #salt: Bytes;

  private constructor(kid: bigint, aes: CryptoKey, salt: Bytes) {
    this.kid = kid;
    this.#aes = aes;
    this.#salt = salt;
  }

  static async of(baseKey: Bytes, kid: bigint, suite = AES_256_GCM): Promise<SframeKey> {
    const { key, salt } = await deriveSframe(baseKey, kid, suite);
    const uses: KeyUsage[] = ["encrypt", "decrypt"];
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, uses);
    return new SframeKey(kid, aes, salt);
  }

  /** Encrypt to `header ‖ encrypted ‖ tag`; `metadata` is authenticated beside them. */
  async encrypt(ctr: bigint, plaintext: Bytes, metadata: Uint8Array): Promise<Bytes> {
    const header = writeHeader({ kid: this.kid, ctr });
    const encrypted = await crypto.subtle.encrypt(
      this.#parameters(ctr, concat(header, metadata)),
      this.#aes,
      plaintext,
    );
    return concat(header, new Uint8Array(encrypted));
  }

  /** Decrypt; rejects with FormatError, or with SealError where anything is another's or changed. */
  async decrypt(
    ciphertext: Bytes,
    metadata: Uint8Array,
  ): Promise<{ ctr: bigint; plaintext: Bytes }> {
    const { header, length } = readHeader(ciphertext);
    if (header.kid !== this.kid) throw new SealError("it is encrypted under another key id");
    if (ciphertext.length < length + TAG_BYTES) {
      throw new FormatError("ciphertext", "is cut short");
    }
    const additional = concat(ciphertext.subarray(0, length), metadata);
    try {
      const plaintext = await crypto.subtle.decrypt(
        this.#parameters(header.ctr, additional),
        this.#aes,
        ciphertext.subarray(length),
      );
      return { ctr: header.ctr, plaintext: new Uint8Array(plaintext) };
    } catch (error) {
      throw new SealError("it does not open", { cause: error });
    }
  }

  /** Section 4.4.3: the nonce is the salt and the counter, exclusive or. */
  #parameters(ctr: bigint, additionalData: Bytes): AesGcmParams {
    const iv = this.#salt.slice();
    const view = new DataView(iv.buffer);
    view.setBigUint64(NONCE_BYTES - 8, view.getBigUint64(NONCE_BYTES - 8) ^ ctr);
    return { name: "AES-GCM", iv, additionalData, tagLength: TAG_BYTES * 8 };
  }
}

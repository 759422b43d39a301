// What format 2 is made of beside the suite of crypto/suite.ts: hashes that answer at once, for trees
// of thousands of them, and wraps. No other module here names a primitive, but sframe.ts.

import { type Bytes, concat, utf8 } from "../crypto/bytes";
import { SealError } from "../crypto/errors";
import { mac, macKey } from "./sha256";

export { hkdf, hmac, sha256 } from "./sha256";

export const KEY_BYTES = 32;
export const DIGEST_BYTES = 32;
export const WRAPPED_BYTES = KEY_BYTES + 16;

const labels = new Map<string, Bytes>();

/** HMAC-SHA256 of several messages under one key, which is set up once. */
export function hmacs(key: Uint8Array, messages: readonly Uint8Array[]): Bytes[] {
  const started = macKey(key);
  return messages.map((message) => mac(started, message));
}

/** `label ‖ 0 ‖ parts`; the labels are those of this folder, a handful. */
export function labelled(label: string, ...parts: readonly Uint8Array[]): Bytes {
  const known = labels.get(label) ?? utf8(`${label}\0`);
  labels.set(label, known);
  return concat(known, ...parts);
}

/** Lengths that are not as they must be are our own mistake: what comes from outside was checked. */
export function exactly(length: number, ...values: readonly Uint8Array[]): void {
  for (const value of values) {
    if (value.length !== length) throw new RangeError(`${length} bytes are needed`);
  }
}

/** A number of that many bytes, big-endian; `number` is below 2^53. */
export function bigEndian(number: number, length: number): Bytes {
  const bytes = new Uint8Array(length);
  let rest = number;
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Whether both are the same; it takes as long where they are not. */
export function same(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  left.forEach((byte, at) => {
    difference |= byte ^ (right[at] ?? 0);
  });
  return difference === 0;
}

/**
 * AES-256-GCM of 32 bytes, 48 bytes. The nonce may be fixed only because each key that comes here
 * encrypts one plaintext: whoever calls this says beside it why that is so.
 */
export async function wrap(key: Bytes, content: Bytes, bound: Bytes): Promise<Bytes> {
  exactly(KEY_BYTES, key, content);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt(parameters(bound), aes, content));
}

/** Open a wrap; rejects with SealError unless it is of this key, and bound to this. */
export async function unwrap(key: Bytes, wrapped: Bytes, bound: Bytes): Promise<Bytes> {
  exactly(KEY_BYTES, key);
  exactly(WRAPPED_BYTES, wrapped);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(bound), aes, wrapped));
  } catch (error) {
    throw new SealError("it does not open", { cause: error });
  }
}

function parameters(bound: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv: new Uint8Array(12), additionalData: bound };
}

// Byte strings and their one spelling as text (storage/FORMAT.md, section 1).

import { FormatError } from "./errors";

export type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Not for secrets: it returns as soon as it knows. */
export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** Order as byte strings: negative, zero or positive. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** base64url without padding. */
export function encode(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET.charAt((buffer >> bits) & 63);
    }
  }
  if (bits > 0) text += ALPHABET.charAt((buffer << (6 - bits)) & 63);
  return text;
}

/**
 * Read base64url. "A reader MUST reject padding, characters outside the alphabet, and non-zero
 * trailing bits, so that every byte string has one spelling."
 */
export function decode(text: string, length?: number, field = "document"): Bytes {
  if (text.length % 4 === 1) throw new FormatError(field, "is not unpadded base64url");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let buffer = 0;
  let bits = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) throw new FormatError(field, "is not unpadded base64url");
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (buffer >> bits) & 0xff;
      at += 1;
    }
  }
  if ((buffer & ((1 << bits) - 1)) !== 0) {
    throw new FormatError(field, "is not the one spelling of its bytes");
  }
  if (length !== undefined && bytes.length !== length) {
    throw new FormatError(field, `is not ${length} bytes`);
  }
  return bytes;
}

/** The same, where the text may be anybody's: null instead of an error. */
export function tryDecode(text: string, length?: number): Bytes | null {
  try {
    return decode(text, length);
  } catch {
    return null;
  }
}

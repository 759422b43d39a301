// What the C2SP formats write down: base64 with padding (RFC 4648, section 4) and decimal numbers.
// Both have one spelling here, so that not a byte of a proof can be changed unnoticed.

import type { Bytes } from "../crypto/bytes";

/** Text that is not of the format it should be of. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** Bytes of `length`, or of any length but none where that is null. */
export function decodeStandard(text: string, length: number | null, what: string): Bytes {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new Malformed(what);
  }
  // `atob` takes white space, missing padding and left-over bits; what it would write does not.
  if (text === "" || btoa(binary) !== text) throw new Malformed(what);
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  if (length !== null && bytes.length !== length) throw new Malformed(what);
  return bytes;
}

/** "ASCII decimal with no leading zeroes". */
export function wholeNumber(text: string, what: string): number {
  const value = Number(text);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Malformed(what);
  }
  return value;
}

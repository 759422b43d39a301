// Keys of slots: what frames are encrypted under, and what all shares together give (format 2).

import { type Bytes, concat } from "../crypto/bytes";
import { SLOTS } from "./frame-key";
import { DIGEST_BYTES, exactly, hkdf, KEY_BYTES, labelled, unwrap, wrap } from "./primitives";

/** S_i, of E (`secretKey`) and P (`place`); a live generation has slot 0 alone. */
export function slotSecret(secretKey: Bytes, place: Bytes, slot: number): Bytes {
  exactly(KEY_BYTES, secretKey);
  exactly(DIGEST_BYTES, place);
  return hkdf(secretKey, place, labelled("assent/slot/v2", byteOf(slot)));
}

/** K_i. `shares` begins with the vault's, then everyone's in header order; `tag` is `secret`. */
export function slotWrappingKey(
  shares: readonly Bytes[],
  place: Bytes,
  tag: Bytes,
  slot: number,
): Bytes {
  exactly(KEY_BYTES, ...shares);
  exactly(DIGEST_BYTES, place, tag);
  if (shares.length < 2) throw new RangeError("the vault's share alone is nobody's consent");
  return hkdf(concat(...shares), place, labelled("assent/training-slot/v2", tag, byteOf(slot)));
}

/**
 * S_i under K_i. K_i has the tag of E in it, and E, P and i are all that S_i is made of: it encrypts
 * one plaintext, also where a committer makes a second header in one place.
 */
export function wrapSlot(key: Bytes, place: Bytes, slot: number, secret: Bytes): Promise<Bytes> {
  return wrap(key, secret, bound(place, slot));
}

/** S_i; rejects with SealError unless K_i is made of every single share of this very slot. */
export function unwrapSlot(key: Bytes, place: Bytes, slot: number, wrapped: Bytes): Promise<Bytes> {
  return unwrap(key, wrapped, bound(place, slot));
}

function bound(place: Bytes, slot: number): Bytes {
  exactly(DIGEST_BYTES, place);
  return concat(place, byteOf(slot));
}

function byteOf(slot: number): Bytes {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOTS) {
    throw new RangeError("there are 256 slots");
  }
  return Uint8Array.of(slot);
}

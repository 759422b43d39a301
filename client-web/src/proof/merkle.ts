// Proofs that a leaf is in a tree (RFC 6962, section 2.1; checked as RFC 9162, section 2.1.3.2, says).
// Nothing here knows what a leaf stands for.

import { type Bytes, concat } from "../crypto/bytes";
import { digest } from "../crypto/suite";

// "the hashes … for leaves and nodes … differ; this domain separation is required to give second
// preimage resistance".
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

export function leafHash(leaf: Uint8Array): Promise<Bytes> {
  return digest(concat(LEAF, leaf));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return digest(concat(NODE, left, right));
}

/**
 * The root of the tree of `size` leaves that has `leaf` (its hash) at `index` and `path` beside it,
 * or null where no tree can have such a path: too short, too long, or outside of it.
 */
export async function rootOf(
  leaf: Bytes,
  index: number,
  size: number,
  path: readonly Bytes[],
): Promise<Bytes | null> {
  if (index >= size) return null;
  // No shifts: they would cut the numbers to 32 bits.
  let at = index;
  let last = size - 1;
  let root = leaf;
  for (const beside of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      root = await nodeHash(beside, root);
      // The rightmost node of a level that has no sibling stands for itself in the next one.
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = await nodeHash(root, beside);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : null;
}

// Commitments of a recorded generation, which stand in its header: to each owner's shares, to all S_i,
// to the wraps (format 2). Each is the root of RFC 6962 over 256 entries in slot order. Written once
// more beside proof/merkle.ts because this one answers at once, in a worker, thousands of times.

import { type Bytes, concat } from "../crypto/bytes";
import { FormatError, SealError } from "../crypto/errors";
import { SLOTS } from "./frame-key";
import { DIGEST_BYTES, exactly, KEY_BYTES, same, sha256, WRAPPED_BYTES } from "./primitives";
import { nodeAt, type Place, sharesBelow } from "./slot-tree";

const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** The root over the 256 shares of one owner, or over all S_i. */
export function commitment(values: readonly Bytes[]): Bytes {
  if (values.length !== SLOTS) throw new RangeError("there are 256 slots");
  return hashOver(values);
}

/** The digest of all 256 wraps, in a row. */
export function wrapsDigest(wraps: Bytes): Bytes {
  exactly(SLOTS * WRAPPED_BYTES, wraps);
  return sha256(wraps);
}

/** The hash of each S_i, in a row, for those who will not have all of them. */
export function slotHashes(secrets: readonly Bytes[]): Bytes {
  return concat(...secrets.map(leafHash));
}

/** Throw unless the header's `root` commits to this S_i; `hashes` are the slot hashes. */
export function verifySlot(secret: Bytes, slot: number, hashes: Bytes, root: Bytes): void {
  if (hashes.length !== SLOTS * DIGEST_BYTES) throw new FormatError("hashes", "are not 256");
  const leaves: Bytes[] = [];
  for (let at = 0; at < hashes.length; at += DIGEST_BYTES) {
    leaves.push(hashes.slice(at, at + DIGEST_BYTES));
  }
  const leaf = leaves[slot];
  if (leaf === undefined) throw new RangeError("there is no such slot");
  mustBe(rootOver(leaves), root);
  mustBe(leafHash(secret), leaf);
}

/** The siblings of a node and of what is above it, its own first, as hashes. */
export function nodeProof(root: Bytes, { depth, index }: Place): Bytes[] {
  const proof: Bytes[] = [];
  for (let level = depth; level > 0; level -= 1) {
    proof.push(hashBelow(root, { depth: level, index: (index >> (depth - level)) ^ 1 }));
  }
  return proof;
}

/** The shares of a node that its owner's commitment has at that place; throws SealError. */
export function verifyNode(
  node: Bytes,
  place: Place,
  proof: readonly Bytes[],
  root: Bytes,
): Bytes[] {
  if (proof.length !== place.depth) {
    throw new SealError("it is not as deep as its siblings say");
  }
  const shares = sharesBelow(node, place);
  let found = hashOver(shares);
  let index = place.index;
  for (const beside of proof) {
    found = index % 2 === 1 ? nodeHash(beside, found) : nodeHash(found, beside);
    index >>= 1;
  }
  mustBe(found, root);
  return shares;
}

/** The hash that the commitment has for a node's part of the tree, from the tree's root. */
export function hashBelow(root: Bytes, place: Place): Bytes {
  return hashOver(sharesBelow(nodeAt(root, place), place));
}

/** The hash over shares, or S_i, of one part of the tree: 2^n of them. */
export function hashOver(values: readonly Bytes[]): Bytes {
  exactly(KEY_BYTES, ...values);
  return rootOver(values.map(leafHash));
}

export function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(concat(NODE, left, right));
}

/** Throw SealError unless both hashes are the same. */
export function mustBe(found: Bytes, expected: Bytes): void {
  if (!same(found, expected)) throw new SealError("it is not what the header commits to");
}

function leafHash(value: Bytes): Bytes {
  return sha256(concat(LEAF, value));
}

function rootOver(leaves: readonly Bytes[]): Bytes {
  let row = leaves;
  while (row.length > 1) {
    const above: Bytes[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      if (left !== undefined && right !== undefined) above.push(nodeHash(left, right));
    }
    row = above;
  }
  const [root] = row;
  if (root === undefined) throw new RangeError("a part of the tree has leaves");
  return root;
}

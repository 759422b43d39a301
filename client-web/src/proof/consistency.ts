// Proofs that one tree is another one with leaves added (RFC 6962, section 2.1.2; checked as RFC 9162,
// section 2.1.4.2, says): which nodes such a proof is made of, and whether hashes are one.
//
// A tree of n leaves is cut into complete subtrees from the left, the largest first. Sizes are counted
// without shifts, which would cut them to 32 bits.

import { type Bytes, equal } from "../crypto/bytes";
import { digest } from "../crypto/suite";
import { nodeHash } from "./merkle";

/** The leaves `number` · 2^`level` … (`number` + 1) · 2^`level` - 1, which are one node. */
export interface Subtree {
  readonly level: number;
  readonly number: number;
}

/** The leaves `start` … `end - 1`: one node of some tree. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Cut a range into complete subtrees, left to right. */
export function subtreesOf({ end, start }: Range): Subtree[] {
  const found: Subtree[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let leaves = 1;
    while (at % (leaves * 2) === 0 && at + leaves * 2 <= end) {
      leaves *= 2;
      level += 1;
    }
    found.push({ level, number: at / leaves });
    at += leaves;
  }
  return found;
}

/** The largest power of two that is smaller than a size of at least 2. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** The nodes that PROOF(old, D[new]) consists of; none where `old` is 0 or `new`. */
export function consistency(old: number, size: number): Range[] {
  if (old === 0 || old === size) return [];
  const proof: Range[] = [];
  let start = 0;
  let end = size;
  let known = true; // whether the subtree that is looked at is one that the old root is made of
  while (old !== end) {
    const middle = start + split(end - start);
    if (old <= middle) {
      proof.push({ start: middle, end });
      end = middle;
    } else {
      proof.push({ start, end: middle });
      start = middle;
      known = false;
    }
  }
  if (!known) proof.push({ start, end });
  return proof.reverse();
}

/** Join the subtrees of a range, left to right, to the one hash of its node. */
export async function fold(hashes: readonly Bytes[]): Promise<Bytes> {
  const [last, ...rest] = [...hashes].reverse();
  if (last === undefined) return await digest(new Uint8Array());
  let root = last;
  for (const left of rest) root = await nodeHash(left, root);
  return root;
}

interface Tree {
  readonly size: number;
  readonly root: Bytes;
}

/** Whether the hashes show that `now` is `before` with leaves added. */
export async function isGrown(before: Tree, now: Tree, proof: readonly Bytes[]): Promise<boolean> {
  if (before.size > now.size) return false;
  if (before.size === now.size) return proof.length === 0 && equal(before.root, now.root);
  if (before.size === 0) {
    return proof.length === 0 && equal(before.root, await digest(new Uint8Array()));
  }
  const isPower = split(before.size + 1) === before.size;
  const [first, ...rest] = isPower ? [before.root, ...proof] : proof;
  if (first === undefined) return false;
  let place = before.size - 1;
  let last = now.size - 1;
  const rise = (): void => {
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  };
  while (place % 2 === 1) rise();
  let old = first;
  let grown = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      old = await nodeHash(hash, old);
      grown = await nodeHash(hash, grown);
      while (place % 2 === 0 && place !== 0) rise();
    } else {
      grown = await nodeHash(grown, hash);
    }
    rise();
  }
  return last === 0 && equal(old, before.root) && equal(grown, now.root);
}

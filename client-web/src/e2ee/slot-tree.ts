// Trees of shares: a root gives one for each of 256 slots, a node those below it (format 2).
//
//   child = HMAC(node, "assent/node/v2"  ‖ 0 ‖ u8 depth ‖ u8 index)    the child's own place
//   share = HMAC(leaf, "assent/share/v2" ‖ 0 ‖ u8 slot)
//
// Neither its siblings nor anything above a node follows from it.

import type { Bytes } from "../crypto/bytes";
import { SLOTS } from "./frame-key";
import { exactly, hmac, hmacs, KEY_BYTES, labelled } from "./primitives";

const DEPTH = 8;

/** Where a node stands: `depth` 0 … 8, and `index` from the left among its equals. */
export interface Place {
  readonly depth: number;
  readonly index: number;
}

/** A part of the tree: a node all of whose slots are wanted, or none of them. */
export interface Part extends Place {
  readonly wanted: boolean;
}

export const ROOT: Place = { depth: 0, index: 0 };

/** The first slot below a place, and how many there are. */
export function span({ depth, index }: Place): { first: number; count: number } {
  const count = SLOTS >> depth;
  return { first: index * count, count };
}

export function nodeAt(root: Bytes, { depth, index }: Place): Bytes {
  exactly(KEY_BYTES, root);
  let node = root;
  for (let level = 1; level <= depth; level += 1) {
    node = hmac(node, nodeMessage(level, index >> (depth - level)));
  }
  return node;
}

/** The shares that a node gives, in the order of their slots: all 256 from a root. */
export function sharesBelow(node: Bytes, place: Place = ROOT): Bytes[] {
  exactly(KEY_BYTES, node);
  let row = [node];
  for (let depth = place.depth + 1; depth <= DEPTH; depth += 1) {
    const first = place.index << (depth - place.depth);
    row = row.flatMap((parent, at) =>
      hmacs(parent, [nodeMessage(depth, first + 2 * at), nodeMessage(depth, first + 2 * at + 1)]),
    );
  }
  const { first } = span(place);
  return row.map((leaf, at) => hmac(leaf, labelled("assent/share/v2", Uint8Array.of(first + at))));
}

/**
 * Cut the tree, left to right, into the fewest nodes whose slots are all wanted or all not: the
 * minimal cover of the ones, and that of the others.
 */
export function partition(wanted: ReadonlySet<number>): Part[] {
  for (const slot of wanted) {
    if (!Number.isInteger(slot) || slot < 0 || slot >= SLOTS) {
      throw new RangeError("there is no such slot");
    }
  }
  return cut(wanted, ROOT);
}

/** The minimal cover: the fewest nodes that have exactly these slots, left to right. */
export function cover(slots: ReadonlySet<number>): Place[] {
  return partition(slots)
    .filter((part) => part.wanted)
    .map(({ depth, index }) => ({ depth, index }));
}

function cut(wanted: ReadonlySet<number>, place: Place): Part[] {
  const { first, count } = span(place);
  let found = 0;
  for (let slot = first; slot < first + count; slot += 1) if (wanted.has(slot)) found += 1;
  if (found === 0 || found === count) return [{ ...place, wanted: found > 0 }];
  const depth = place.depth + 1;
  return [
    ...cut(wanted, { depth, index: place.index * 2 }),
    ...cut(wanted, { depth, index: place.index * 2 + 1 }),
  ];
}

function nodeMessage(depth: number, index: number): Bytes {
  return labelled("assent/node/v2", Uint8Array.of(depth, index));
}

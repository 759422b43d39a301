// Grants of slots: what a person hands over of their trees, all but what they leave out (format 2). Of
// each recorded generation:
//
//   H (32) ‖ u16 count ‖ count × (u8 depth ‖ u8 index ‖ u8 kind ‖ 32 bytes)
//
// The items are parts of the tree, left to right, and together the whole of it. Kind 1 is granted, with
// its node; kind 0 is left out, with its hash in the commitment.

import { type Bytes, concat, equal } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";
import { SLOTS } from "./frame-key";
import { bigEndian, DIGEST_BYTES, exactly, KEY_BYTES } from "./primitives";
import { hashBelow, hashOver, mustBe, nodeHash } from "./slot-commitments";
import { nodeAt, partition, type Place, ROOT, sharesBelow, span } from "./slot-tree";

const MAX_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = DIGEST_BYTES + 2;
const ITEM_BYTES = 3 + KEY_BYTES;

/** A tree of one's own in one generation; `header` is H. */
export interface OwnedTree {
  readonly header: Bytes;
  readonly root: Bytes;
  readonly leftOut: ReadonlySet<number>;
}

/** What is known of a tree elsewhere: from the header, and from its owner's answer. */
export interface ExpectedTree {
  readonly header: Bytes;
  readonly commitment: Bytes;
  readonly leftOut: ReadonlySet<number>;
}

export function buildBundle(trees: readonly OwnedTree[]): Bytes {
  return concat(
    ...trees.flatMap(({ header, root, leftOut }) => {
      exactly(DIGEST_BYTES, header);
      const items = granting(leftOut).map((part) =>
        concat(kindOf(part), part.wanted ? nodeAt(root, part) : hashBelow(root, part)),
      );
      return [header, bigEndian(items.length, 2), ...items];
    }),
  );
}

/**
 * The shares that a bundle gives, by slot, for each generation. Throws FormatError where it is not
 * exactly the minimal cover of what the answer does not leave out, SealError where it is of other
 * shares than the header commits to: then nothing of it is used.
 */
export function openBundle(bundle: Bytes, expected: readonly ExpectedTree[]): Map<number, Bytes>[] {
  if (bundle.length > MAX_BYTES) throw new FormatError("bundle", "is too large");
  let at = 0;
  const found = expected.map((tree) => {
    const parts = granting(tree.leftOut);
    const head = concat(tree.header, bigEndian(parts.length, 2));
    const end = at + HEAD_BYTES + parts.length * ITEM_BYTES;
    const given = bundle.subarray(at, end);
    at = end;
    if (!equal(given.subarray(0, HEAD_BYTES), head)) {
      throw new FormatError("bundle", "is of another generation, or not the minimal cover");
    }
    if (bundle.length < end) throw new FormatError("bundle", "is cut short");
    return openTree(given.subarray(HEAD_BYTES), parts, tree.commitment);
  });
  if (at !== bundle.length) throw new FormatError("bundle", "has more than it should");
  return found;
}

function openTree(
  items: Bytes,
  parts: ReturnType<typeof partition>,
  commitment: Bytes,
): Map<number, Bytes> {
  const shares = new Map<number, Bytes>();
  const hashes = parts.map((part, number) => {
    const item = items.slice(number * ITEM_BYTES, (number + 1) * ITEM_BYTES);
    if (!equal(item.subarray(0, 3), kindOf(part))) {
      throw new FormatError("bundle", "is not the minimal cover of what is granted");
    }
    const value = item.slice(3);
    if (!part.wanted) return value;
    const below = sharesBelow(value, part);
    const { first } = span(part);
    below.forEach((share, slot) => shares.set(first + slot, share));
    return hashOver(below);
  });
  const byPlace = new Map(parts.map((part, number) => [keyOf(part), hashes[number]]));
  mustBe(joined(ROOT, byPlace), commitment);
  return shares;
}

/** The hash at a place, from those of the parts below it. */
function joined(place: Place, hashes: ReadonlyMap<number, Bytes | undefined>): Bytes {
  const known = hashes.get(keyOf(place));
  if (known !== undefined) return known;
  const depth = place.depth + 1;
  return nodeHash(
    joined({ depth, index: place.index * 2 }, hashes),
    joined({ depth, index: place.index * 2 + 1 }, hashes),
  );
}

function granting(leftOut: ReadonlySet<number>): ReturnType<typeof partition> {
  const granted = Array.from({ length: SLOTS }, (_, slot) => slot);
  return partition(new Set(granted.filter((slot) => !leftOut.has(slot))));
}

function kindOf(part: { depth: number; index: number; wanted: boolean }): Bytes {
  return Uint8Array.of(part.depth, part.index, part.wanted ? 1 : 0);
}

function keyOf({ depth, index }: Place): number {
  return depth * SLOTS + index;
}

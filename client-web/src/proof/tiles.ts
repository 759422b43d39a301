// Tiles: a tree of hashes cut into static pieces, as C2SP tlog-tiles serves it (FORMAT.md, section 12).
// A tile of level L and number N holds up to 256 hashes: those of the complete subtrees of height 8 · L
// with the numbers 256 · N and on. One with all 256 is whole and never changes.

import type { Bytes } from "../crypto/bytes";
import { consistency, fold, type Subtree, subtreesOf } from "./consistency";
import { nodeHash } from "./merkle";
import { Malformed } from "./text";

const HEIGHT = 8;
const WIDTH = 2 ** HEIGHT;
const HASH_BYTES = 32;

/** A tile's place; `width` is how many hashes of it are meant. */
export interface Tile {
  readonly level: number;
  readonly number: number;
  readonly width: number;
}

/** Fetch a tile's bytes; rejects where there is none to be had. */
export type Fetch = (path: string) => Promise<Uint8Array>;

/** The tile that a complete subtree's hash follows from, and which of its hashes do. */
function tileOf(subtree: Subtree): Tile & { readonly first: number } {
  const height = subtree.level % HEIGHT;
  const start = subtree.number * 2 ** height;
  const first = start % WIDTH;
  return {
    level: (subtree.level - height) / HEIGHT,
    number: (start - first) / WIDTH,
    width: first + 2 ** height,
    first,
  };
}

/** `<L>/<N>[.p/<W>]`: N in groups of three digits, all but the last beginning with `x`. */
export function pathOf({ level, number, width }: Tile): string {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `${String(level)}/${place}${width === WIDTH ? "" : `.p/${width}`}`;
}

/**
 * The hashes of PROOF(old, D[size]), out of the tiles of the log. They prove nothing by themselves:
 * whoever serves tiles may serve any. Rejects with Malformed for what is no tile.
 */
export async function proofFromTiles(old: number, size: number, fetch: Fetch): Promise<Bytes[]> {
  const fetched = new Map<string, Promise<readonly Bytes[]>>();
  const tile = ({ level, number }: Tile): Promise<readonly Bytes[]> => {
    // As wide as it is in this tree: the same for every hash that is taken out of it.
    const width = Math.min(WIDTH, Math.floor(size / WIDTH ** level) - number * WIDTH);
    const path = pathOf({ level, number, width });
    const found = fetched.get(path) ?? fetch(path).then((bytes) => hashesOf(bytes, width));
    fetched.set(path, found);
    return found;
  };
  const hashOf = async (subtree: Subtree): Promise<Bytes> => {
    const place = tileOf(subtree);
    return await rootOf((await tile(place)).slice(place.first, place.width));
  };
  return await Promise.all(
    consistency(old, size).map(async (range) =>
      fold(await Promise.all(subtreesOf(range).map(hashOf))),
    ),
  );
}

function hashesOf(bytes: Uint8Array, width: number): readonly Bytes[] {
  if (bytes.length !== width * HASH_BYTES) throw new Malformed("tile");
  return Array.from({ length: width }, (_, at) =>
    Uint8Array.from(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  );
}

/** The hash over neighbouring hashes, whose number is a power of two. */
async function rootOf(hashes: readonly Bytes[]): Promise<Bytes> {
  let row = hashes;
  while (row.length > 1) {
    const pairs = Array.from({ length: row.length / 2 }, (_, at) => row.slice(2 * at, 2 * at + 2));
    row = await Promise.all(pairs.map(([left, right]) => join(left, right)));
  }
  return join(row[0]);
}

async function join(left: Bytes | undefined, right?: Bytes): Promise<Bytes> {
  if (left === undefined) throw new Malformed("tile");
  return right === undefined ? left : await nodeHash(left, right);
}

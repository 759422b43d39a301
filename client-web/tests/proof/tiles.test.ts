import { describe, expect, it } from "vitest";

import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import { isGrown } from "../../src/proof/consistency";
import { pathOf, proofFromTiles } from "../../src/proof/tiles";
import { leafOf, sha256, tileOf } from "../paper-log";
import { vectors } from "../vectors";

interface Case {
  old: number;
  new: number;
  old_root: string;
  new_root: string;
  tiles: Record<string, string>;
  proof: string[];
}

const { grown } = vectors("log") as { grown: Case[] };
const LEAVES = Array.from({ length: 66_000 }, (_, number) => leafOf(String(number)));

/** Serves the tiles of a tree, and remembers which. */
class Served {
  readonly asked: Record<string, string> = {};
  readonly #leaves: readonly Bytes[];

  constructor(leaves: readonly Bytes[]) {
    this.#leaves = leaves;
  }

  readonly fetch = (path: string): Promise<Uint8Array> => {
    const tile = tileOf(this.#leaves, path);
    expect(this.asked).not.toHaveProperty([path]);
    if (tile === null) throw new Error(`there is no ${path}`);
    this.asked[path] = encode(sha256(tile));
    return Promise.resolve(tile);
  };
}

describe("a proof out of tiles", () => {
  it.each(grown)("of a tree that has grown from $old to $new", async (one) => {
    const served = new Served(LEAVES.slice(0, one.new));
    const proof = await proofFromTiles(one.old, one.new, served.fetch);
    expect(proof.map(encode)).toEqual(one.proof);
    expect(served.asked).toEqual(one.tiles);
    const before = { size: one.old, root: decode(one.old_root) };
    const now = { size: one.new, root: decode(one.new_root) };
    expect(await isGrown(before, now, proof)).toBe(true);
  });

  it("is none where a tile is cut off, or too long", async () => {
    for (const change of [
      (tile: Uint8Array) => tile.slice(1),
      (tile: Uint8Array) => Uint8Array.from([...tile, 0]),
      () => new Uint8Array(),
    ]) {
      const { fetch } = new Served(LEAVES.slice(0, 300));
      const other = async (path: string): Promise<Uint8Array> => change(await fetch(path));
      await expect(proofFromTiles(7, 300, other)).rejects.toThrow("tile");
    }
  });
});

describe("addresses of tiles", () => {
  it.each([
    [0, 256, "0/000"],
    [999, 256, "0/999"],
    [1000, 256, "0/x001/000"],
    [1_234_067, 256, "0/x001/x234/067"],
    [273, 112, "0/273.p/112"],
  ])("%i of %i hashes is %s", (number, width, path) => {
    expect(pathOf({ level: 0, number, width })).toBe(path);
  });
});

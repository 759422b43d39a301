import { describe, expect, it } from "vitest";

import { type Bytes, decode } from "../../src/crypto/bytes";
import { consistency, fold, isGrown, subtreesOf } from "../../src/proof/consistency";
import { leafOf, rootOf } from "../paper-log";
import { vectors } from "../vectors";

const LEAVES = Array.from({ length: 20 }, (_, number) => leafOf(`leaf ${number}`));

function proofOf(old: number, leaves: readonly Bytes[]): Bytes[] {
  return consistency(old, leaves.length).map(({ end, start }) => rootOf(leaves.slice(start, end)));
}

function tree(leaves: readonly Bytes[]): { size: number; root: Bytes } {
  return { size: leaves.length, root: rootOf(leaves) };
}

describe("proofs of consistency", () => {
  it("are those of the vectors", async () => {
    const { consistency: cases, roots } = vectors("log") as {
      consistency: { old: number; new: number; proof: string[] }[];
      roots: string[];
    };
    const at = (size: number): { size: number; root: Bytes } => ({
      size,
      root: decode(roots[size] ?? ""),
    });
    expect(cases.length).toBeGreaterThan(5);
    for (const { new: size, old, proof } of cases) {
      const hashes = proof.map((hash) => decode(hash));
      expect(consistency(old, size)).toHaveLength(proof.length);
      expect(await isGrown(at(old), at(size), hashes), `${old} to ${size}`).toBe(true);
    }
  });

  it("hold for every size of every small tree, and for no other tree", async () => {
    for (let size = 0; size <= LEAVES.length; size += 1) {
      const leaves = LEAVES.slice(0, size);
      for (let old = 0; old <= size; old += 1) {
        const before = tree(leaves.slice(0, old));
        const proof = proofOf(old, leaves);
        expect(await isGrown(before, tree(leaves), proof), `${old} to ${size}`).toBe(true);
        if (old === 0) continue;
        const other = tree([...leaves.slice(0, old - 1), leafOf("another")]);
        expect(await isGrown(other, tree(leaves), proof), `${old} to ${size}`).toBe(false);
        const changed = [leafOf("another"), ...leaves.slice(1)];
        expect(await isGrown(before, tree(changed), proofOf(old, changed))).toBe(false);
      }
    }
  });

  it("fail where a leaf was taken out, whatever came after it", async () => {
    for (let old = 1; old < 12; old += 1) {
      for (let gone = 0; gone < old; gone += 1) {
        const rest = LEAVES.filter((_, at) => at !== gone);
        const proof = proofOf(old, rest);
        expect(await isGrown(tree(LEAVES.slice(0, old)), tree(rest), proof)).toBe(false);
      }
    }
  });

  it("fail with a hash too few, too many, changed, or of a tree that is smaller", async () => {
    const before = tree(LEAVES.slice(0, 6));
    const now = tree(LEAVES);
    const proof = proofOf(6, LEAVES);
    expect(await isGrown(before, now, proof)).toBe(true);
    expect(await isGrown(before, now, proof.slice(1))).toBe(false);
    expect(await isGrown(before, now, proof.slice(0, -1))).toBe(false);
    expect(await isGrown(before, now, [...proof, leafOf("more")])).toBe(false);
    expect(await isGrown(now, before, proof)).toBe(false);
    expect(await isGrown(before, before, proof)).toBe(false);
    expect(await isGrown(tree([]), now, proof)).toBe(false);
    for (const number of proof.keys()) {
      const changed = proof.with(number, leafOf("changed"));
      expect(await isGrown(before, now, changed)).toBe(false);
    }
  });
});

describe("ranges of leaves", () => {
  it("are cut into complete subtrees, also above 2^32", async () => {
    expect(subtreesOf({ start: 0, end: 11 })).toEqual([
      { level: 3, number: 0 },
      { level: 1, number: 4 },
      { level: 0, number: 10 },
    ]);
    const far = 2 ** 40;
    expect(subtreesOf({ start: far, end: far + 5 })).toEqual([
      { level: 2, number: far / 4 },
      { level: 0, number: far + 4 },
    ]);
    for (const range of [
      { start: 0, end: 20 },
      { start: 4, end: 8 },
      { start: 8, end: 19 },
    ]) {
      const hashes = subtreesOf(range).map(({ level, number }) =>
        rootOf(LEAVES.slice(number * 2 ** level, (number + 1) * 2 ** level)),
      );
      expect(await fold(hashes)).toEqual(rootOf(LEAVES.slice(range.start, range.end)));
    }
  });
});

import { describe, expect, it } from "vitest";

import { type Bytes, concat, encode, utf8 } from "../../src/crypto/bytes";
import { digest } from "../../src/crypto/suite";
import { leafHash, rootOf } from "../../src/proof/merkle";

// The definitions of RFC 6962, section 2.1, word by word: slow, and nothing to do with the code.

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

async function treeHash(leaves: Bytes[]): Promise<Bytes> {
  const [first] = leaves;
  if (first === undefined) return await digest(new Uint8Array());
  if (leaves.length === 1) return await digest(concat(Uint8Array.of(0), first));
  const k = split(leaves.length);
  return await digest(
    concat(Uint8Array.of(1), await treeHash(leaves.slice(0, k)), await treeHash(leaves.slice(k))),
  );
}

async function auditPath(at: number, leaves: Bytes[]): Promise<Bytes[]> {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return at < k
    ? [...(await auditPath(at, leaves.slice(0, k))), await treeHash(leaves.slice(k))]
    : [...(await auditPath(at - k, leaves.slice(k))), await treeHash(leaves.slice(0, k))];
}

const LEAVES = Array.from({ length: 20 }, (_, number) => utf8(`leaf ${number}`));

describe("proofs of inclusion", () => {
  it("hold for every leaf of every small tree, and for no other place in it", async () => {
    for (let size = 1; size <= LEAVES.length; size += 1) {
      const leaves = LEAVES.slice(0, size);
      const root = encode(await treeHash(leaves));
      for (const [index, leaf] of leaves.entries()) {
        const path = await auditPath(index, leaves);
        const hash = await leafHash(leaf);
        for (let claimed = 0; claimed <= size; claimed += 1) {
          const found = await rootOf(hash, claimed, size, path);
          expect(found !== null && encode(found) === root, `${index} as ${claimed}`).toBe(
            claimed === index,
          );
        }
      }
    }
  });

  it("fail with a hash too few, too many, changed, or in another order", async () => {
    const leaves = LEAVES.slice(0, 13);
    const root = encode(await treeHash(leaves));
    const leaf = await leafHash(leaves[5] ?? utf8(""));
    const path = await auditPath(5, leaves);
    const is = async (changed: Bytes[]): Promise<boolean> => {
      const found = await rootOf(leaf, 5, 13, changed);
      return found !== null && encode(found) === root;
    };
    expect(await is(path)).toBe(true);
    expect(await is(path.slice(1))).toBe(false);
    expect(await is(path.slice(0, -1))).toBe(false);
    expect(await is([...path, path[0] ?? leaf])).toBe(false);
    expect(await is([...path].reverse())).toBe(false);
    for (const number of path.keys()) {
      const changed = path.map((one) => one.slice());
      const one = changed[number];
      if (one !== undefined) one[7] = (one[7] ?? 0) ^ 1;
      expect(await is(changed)).toBe(false);
    }
  });

  it("do not lose their way above 2^32 leaves", async () => {
    const leaf = await leafHash(utf8("far"));
    const path = Array.from({ length: 40 }, () => leaf);
    expect(await rootOf(leaf, 2 ** 39 + 5, 2 ** 40, path)).not.toBeNull();
    expect(await rootOf(leaf, 2 ** 39 + 5, 2 ** 40, path.slice(1))).toBeNull();
    expect(await rootOf(leaf, 5, 2 ** 32 + 1, path.slice(0, 33))).not.toBeNull();
  });
});

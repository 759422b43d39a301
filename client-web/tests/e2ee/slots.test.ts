// Trees, slots, commitments and grants, as the vectors that Python reads as well have them; and that
// what any granted nodes open is exactly what all have granted.

import { describe, expect, it } from "vitest";

import { type Bytes, concat, decode, encode } from "../../src/crypto/bytes";
import { FormatError, SealError } from "../../src/crypto/errors";
import { treeRoot } from "../../src/e2ee/generation";
import { sha256 } from "../../src/e2ee/primitives";
import {
  commitment,
  nodeProof,
  slotHashes,
  verifyNode,
  verifySlot,
  wrapsDigest,
} from "../../src/e2ee/slot-commitments";
import { buildBundle, openBundle } from "../../src/e2ee/slot-grant";
import { slotSecret, slotWrappingKey, unwrapSlot, wrapSlot } from "../../src/e2ee/slot-keys";
import { cover, nodeAt, partition, sharesBelow, span } from "../../src/e2ee/slot-tree";
import { vectors } from "../vectors";
import { numbers } from "./numbers";

type Ranges = [number, number][];

interface Generation {
  trees: {
    root: string;
    nodes: { depth: number; index: number; node: string; proof: string[] }[];
    shares: string[];
    commitment: string;
  }[];
  covers: { slots: Ranges; cover: [number, number][] }[];
  slots: {
    secret_key: string;
    place: string;
    tag: string;
    owners: { owner: string; pair_key: string; root: string; commitment: string }[];
    some: { slot: number; secret: string; key: string; wrapped: string }[];
    slots: string;
    hashes: string;
    wraps: string;
    cases: { name: string; slot: number; key: string; wrapped: string; secret: string | null }[];
    checked: { name: string; slot: number; secret: string; valid: boolean }[];
  };
  bundles: {
    name: string;
    bundle: string;
    expected: { header: string; commitment: string; left_out: Ranges }[];
    shares: string | null;
    problem: string | null;
  }[];
}

const given = vectors("generation") as Generation;
const known = given.slots;
const [secretKey, place, tag] = [decode(known.secret_key), decode(known.place), decode(known.tag)];
const every = Array.from({ length: 256 }, (_, slot) => slot);

function slotsOf(ranges: Ranges): Set<number> {
  return new Set(every.filter((slot) => ranges.some(([a, b]) => a <= slot && slot <= b)));
}

describe("trees", () => {
  it.each(given.trees)("of root $root", (tree) => {
    const root = decode(tree.root);
    const shares = sharesBelow(root);
    expect([0, 1, 128, 255].map((slot) => encode(at(shares, slot)))).toEqual(tree.shares);
    expect(encode(commitment(shares))).toBe(tree.commitment);
    for (const { depth, index, node, proof } of tree.nodes) {
      const where = { depth, index };
      expect(encode(nodeAt(root, where))).toBe(node);
      expect(nodeProof(root, where).map(encode)).toEqual(proof);
      const hashes = proof.map((hash) => decode(hash));
      const found = verifyNode(decode(node), where, hashes, decode(tree.commitment));
      const { first, count } = span(where);
      expect(found).toEqual(shares.slice(first, first + count));
      const garbage = new Uint8Array(32);
      expect(() => verifyNode(garbage, where, hashes, decode(tree.commitment))).toThrow(SealError);
      expect(() =>
        verifyNode(decode(node), where, [...hashes, garbage], decode(tree.commitment)),
      ).toThrow(SealError);
      if (depth === 0) continue;
      const beside = { depth, index: index ^ 1 };
      expect(() => verifyNode(decode(node), beside, hashes, decode(tree.commitment))).toThrow(
        SealError,
      );
    }
  });

  it.each(given.covers)("have a minimal cover of $slots", ({ slots, cover: expected }) => {
    const found = cover(slotsOf(slots)).map(({ depth, index }) => [depth, index]);
    expect(found).toEqual(expected);
  });

  it("are cut into the fewest parts, whatever is wanted", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const wanted = someSlots(seed);
      const parts = partition(wanted);
      const below = parts.flatMap((part) => {
        const { first, count } = span(part);
        return Array.from({ length: count }, (_, more) => [first + more, part.wanted] as const);
      });
      expect(below).toEqual(every.map((slot) => [slot, wanted.has(slot)]));
      const kinds = new Map(parts.map((part) => [`${part.depth} ${part.index}`, part.wanted]));
      for (const { depth, index, wanted: kind } of parts) {
        if (depth > 0) expect(kinds.get(`${depth} ${index ^ 1}`)).not.toBe(kind);
      }
    }
  });

  it("have no other slots, and roots of one length", () => {
    for (const slot of [-1, 256, 0.5]) expect(() => cover(new Set([slot]))).toThrow(RangeError);
    expect(() => sharesBelow(new Uint8Array(31))).toThrow(RangeError);
  });
});

describe("slots of a generation", () => {
  const trees = known.owners.map((one) => {
    const root = treeRoot(decode(one.pair_key), decode(one.owner), place, tag);
    expect(encode(root)).toBe(one.root);
    return sharesBelow(root);
  });
  const secrets = every.map((slot) => slotSecret(secretKey, place, slot));
  const keyOf = (slot: number) =>
    slotWrappingKey(
      trees.map((tree) => at(tree, slot)),
      place,
      tag,
      slot,
    );

  it("are those that Python has", async () => {
    expect(trees.map((tree) => encode(commitment(tree)))).toEqual(
      known.owners.map((one) => one.commitment),
    );
    for (const { slot, secret, key, wrapped } of known.some) {
      expect([encode(at(secrets, slot)), encode(keyOf(slot))]).toEqual([secret, key]);
      expect(encode(await wrapSlot(keyOf(slot), place, slot, at(secrets, slot)))).toBe(wrapped);
    }
    const wraps = every.map((slot) => wrapSlot(keyOf(slot), place, slot, at(secrets, slot)));
    expect(encode(wrapsDigest(concat(...(await Promise.all(wraps)))))).toBe(known.wraps);
    expect(encode(commitment(secrets))).toBe(known.slots);
    expect(encode(slotHashes(secrets))).toBe(known.hashes);
  });

  it.each(known.cases)("are wrapped: $name", async ({ slot, key, wrapped, secret }) => {
    const opened = unwrapSlot(decode(key), place, slot, decode(wrapped));
    if (secret === null) await expect(opened).rejects.toThrow(SealError);
    else expect(encode(await opened)).toBe(secret);
  });

  it.each(known.checked)("are checked: $name", ({ slot, secret, valid }) => {
    const check = () => {
      verifySlot(decode(secret), slot, decode(known.hashes), decode(known.slots));
    };
    if (valid) expect(check).not.toThrow();
    else expect(check).toThrow(SealError);
  });

  it("are checked against hashes that the header commits to", () => {
    const [first] = secrets;
    if (first === undefined) throw new Error("no slot");
    const other = slotHashes([tag, ...secrets.slice(1)]);
    expect(() => {
      verifySlot(tag, 0, other, decode(known.slots));
    }).toThrow(SealError);
    expect(() => {
      verifySlot(first, 0, other.subarray(1), decode(known.slots));
    }).toThrow(FormatError);
  });

  it("have bounds, and are nobody's who is alone", () => {
    for (const slot of [-1, 256]) {
      expect(() => slotSecret(secretKey, place, slot)).toThrow(RangeError);
      expect(() => slotWrappingKey([tag, tag], place, tag, slot)).toThrow(RangeError);
    }
    expect(() => slotWrappingKey([tag], place, tag, 0)).toThrow(/consent/);
    expect(() => slotWrappingKey([tag, tag.subarray(1)], place, tag, 0)).toThrow(RangeError);
    expect(() => commitment(secrets.slice(1))).toThrow(RangeError);
    expect(() => wrapsDigest(new Uint8Array(48))).toThrow(RangeError);
  });

  it("open with the nodes that all have granted, and no others do", async () => {
    const roots = known.owners.map((one) => decode(one.root));
    const wraps = await Promise.all(
      every.map((slot) => wrapSlot(keyOf(slot), place, slot, at(secrets, slot))),
    );
    for (let seed = 0; seed < 4; seed += 1) {
      const left = roots.map((_, owner) => someSlots(10 * seed + owner, true));
      const shares = roots.map((root, owner) => {
        const tree = { header: tag, root, leftOut: left[owner] ?? new Set() };
        const expected = { ...tree, commitment: commitment(sharesBelow(root)) };
        return openBundle(buildBundle([tree]), [expected])[0] ?? new Map<number, Bytes>();
      });
      const opened: number[] = [];
      for (const slot of every) {
        const tried = shares.map((own) => own.get(slot) ?? new Uint8Array(32));
        const key = slotWrappingKey(tried, place, tag, slot);
        const found = await unwrapSlot(key, place, slot, at(wraps, slot)).catch(() => null);
        if (found === null) continue;
        expect(found).toEqual(secrets[slot]);
        opened.push(slot);
      }
      expect(opened).toEqual(every.filter((slot) => !left.some((out) => out.has(slot))));
    }
  });
});

describe("bundles", () => {
  it.each(given.bundles)("$name", ({ bundle, expected, shares, problem }) => {
    const trees = expected.map((one) => ({
      header: decode(one.header),
      commitment: decode(one.commitment),
      leftOut: slotsOf(one.left_out),
    }));
    if (problem !== null) {
      expect(() => openBundle(decode(bundle), trees)).toThrow(/bundle|header commits to/);
      return;
    }
    const found = openBundle(decode(bundle), trees);
    const given = found.flatMap((own) =>
      [...own].flatMap(([slot, share]) => [Uint8Array.of(slot), share]),
    );
    expect(encode(sha256(concat(...given)))).toBe(shares);
    found.forEach((own, number) => {
      const left = trees[number]?.leftOut;
      expect([...own.keys()]).toEqual(every.filter((slot) => !left?.has(slot)));
    });
  });

  it("are written as Python writes them", () => {
    const [, both] = given.bundles;
    const roots = [0, 1].map((n) => sha256(Buffer.from(`root of generation ${n}`)));
    const trees = (both?.expected ?? []).map((one, number) => ({
      header: decode(one.header),
      root: at(roots, number),
      leftOut: slotsOf(one.left_out),
    }));
    expect(encode(buildBundle(trees))).toBe(both?.bundle);
  });

  it("have a largest size", () => {
    expect(() => openBundle(new Uint8Array(4 * 1024 * 1024 + 1), [])).toThrow(/large/);
  });
});

function at(row: readonly Bytes[], slot: number): Bytes {
  const found = row[slot];
  if (found === undefined) throw new Error(`no slot ${slot}`);
  return found;
}

/** Some slots: a few, or ranges. */
function someSlots(seed: number, few = false): Set<number> {
  const next = numbers(seed);
  if (few || seed % 2 === 0) return new Set(Array.from({ length: next(9) }, () => next(256)));
  const [first, last] = [next(256), next(256)];
  return slotsOf([
    [first, last],
    [next(256), 255],
  ]);
}

// The vault's way into a recorded generation, written once more from the document for the vectors; the
// client itself never goes it.

import { type Bytes, encode, equal } from "../../src/crypto/bytes";
import { FormatError, GenerationError, SealError } from "../../src/crypto/errors";
import type { GenerationBoxes } from "../../src/e2ee/boxes";
import { treeRoot } from "../../src/e2ee/generation";
import type { GenerationHeader } from "../../src/e2ee/generation-header";
import { commitment, verifySlot, wrapsDigest } from "../../src/e2ee/slot-commitments";
import { openBundle } from "../../src/e2ee/slot-grant";
import { slotWrappingKey, unwrapSlot } from "../../src/e2ee/slot-keys";
import { sharesBelow } from "../../src/e2ee/slot-tree";

/** What somebody handed over: all, by the pair key that it opens, or the nodes of a bundle. */
export type Granted =
  { readonly pair: Bytes } | { readonly bundle: Bytes; readonly leftOut: ReadonlySet<number> };

export interface Opened {
  readonly secrets: ReadonlyMap<number, Bytes>;
  readonly lost: ReadonlySet<number>;
}

export async function openForTraining(
  header: GenerationHeader,
  boxes: GenerationBoxes,
  granted: ReadonlyMap<string, Granted>,
): Promise<Opened> {
  const { recorded } = header;
  if (!recorded?.vault || recorded.wraps === null || !boxes.wraps || !boxes.hashes) {
    throw new GenerationError("bad-wraps", "it was never to be opened for training");
  }
  const { wraps, hashes } = boxes;
  const trees = [recorded.vault, ...header.people.map(({ id }) => id)].map((owner, place) => {
    const given = granted.get(encode(owner));
    const root = recorded.shares[place];
    if (root === undefined) throw new Error("a header has a commitment for each owner");
    return given ? sharesOf(header, owner, given, root) : new Map<number, Bytes>();
  });
  if (!equal(wrapsDigest(wraps), recorded.wraps)) {
    throw new GenerationError("bad-wraps", "they are not those of the header");
  }
  const secrets = new Map<number, Bytes>();
  const lost = new Set<number>();
  for (let slot = 0; slot < 256; slot += 1) {
    const shares = trees.flatMap((tree) => tree.get(slot) ?? []);
    if (shares.length < trees.length) continue;
    const key = slotWrappingKey(shares, header.place, header.secret, slot);
    try {
      const wrap = wraps.slice(48 * slot, 48 * (slot + 1));
      const secret = await unwrapSlot(key, header.place, slot, wrap);
      verifySlot(secret, slot, hashes, recorded.slots);
      secrets.set(slot, secret);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      lost.add(slot);
    }
  }
  // Where nothing is opened as it should be, it is the hashes that are not the header's.
  if (lost.size === 256) throw new GenerationError("bad-wraps", "nothing is as it should be");
  return { secrets, lost };
}

function sharesOf(
  header: GenerationHeader,
  owner: Bytes,
  given: Granted,
  root: Bytes,
): ReadonlyMap<number, Bytes> {
  if ("bundle" in given) {
    const tree = { header: header.digest, commitment: root, leftOut: given.leftOut };
    try {
      const [shares] = openBundle(given.bundle, [tree]);
      return shares ?? new Map<number, Bytes>();
    } catch (error) {
      if (!(error instanceof SealError || error instanceof FormatError)) throw error;
      throw new GenerationError("bad-bundle", "it is not what was granted", { cause: error });
    }
  }
  const shares = sharesBelow(treeRoot(given.pair, owner, header.place, header.secret));
  if (!equal(commitment(shares), root)) {
    throw new GenerationError("bad-share", "they are not those of the header");
  }
  return new Map(shares.entries());
}

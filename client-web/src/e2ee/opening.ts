// Opening what a committer has made: the pair key that it sealed to this person, E of a generation
// that they are in, and the slots of one that they may watch (FORMAT-2.md, sections 7 and 9).
//
// "A box says nothing about who made it. Nobody may use what comes of one but as far as `secret`,
// `shares` and `slots` of a signed header bear it out."

import { type Bytes, encode, equal } from "../crypto/bytes";
import { GenerationError, SealError } from "../crypto/errors";
import { unseal, xwingPublic } from "../crypto/suite";
import { type GenerationBoxes, outerInfo } from "./boxes";
import { SLOTS } from "./frame-key";
import { pairInfo, type Purpose, treeRoot, unwrapSecret } from "./generation";
import type { GenerationHeader } from "./generation-header";
import { KEY_BYTES, same } from "./primitives";
import { commitment, slotHashes, wrapsDigest } from "./slot-commitments";
import { slotSecret } from "./slot-keys";
import { sharesBelow } from "./slot-tree";

/** The pair keys that one committer has sealed to one person; null where there is none. */
export type PairsForMe = Readonly<Record<Purpose, Bytes | null>>;

/** Boxes of E: of who watches a recording, their own are enough. */
export type BoxesOfSecret = Pick<GenerationBoxes, "page" | "watch">;

/** Open the box of a pair key with the owner's private key; `bad-pair` where it is none. */
export async function openPair(
  secret: Bytes,
  box: Bytes,
  of: {
    readonly purpose: Purpose;
    readonly meeting: Bytes;
    readonly committer: Bytes;
    readonly owner: Bytes;
  },
): Promise<Bytes> {
  const publicKey = await xwingPublic(secret);
  const info = pairInfo(of.purpose, of.meeting, of.committer, of.owner, publicKey);
  return openKey(secret, box, info, "bad-pair");
}

/** Open `O`, under which the segments of a recorded generation are sealed. */
export function openOuter(
  secret: Bytes,
  box: Bytes,
  header: GenerationHeader,
  owner: Bytes,
): Promise<Bytes> {
  return openKey(secret, box, outerInfo(header.digest, owner), "bad-outer");
}

/** E of a header that this person is in, or may watch; rejects with SealError. */
export async function openSecret(
  header: GenerationHeader,
  boxes: BoxesOfSecret,
  person: Bytes,
  pairs: PairsForMe,
): Promise<Bytes> {
  // "A live `E` MUST only be wrapped under `page` pairs."
  const purpose = header.recorded === null ? "page" : "watch";
  const wrapped = boxes[purpose].get(encode(person));
  const pairKey = pairs[purpose];
  if (wrapped === undefined || pairKey === null) throw new SealError("there is no box for it");
  const context = { pairKey, purpose, owner: person, header: header.digest } as const;
  return unwrapSecret(context, wrapped, header.place, header.secret);
}

/**
 * Whether a recorded header commits to what this person can tell of it: `slots` to all S_i, and,
 * with training, `shares` to their own, `wraps` and the hashes to those that came.
 */
export function sharesHold(
  header: GenerationHeader,
  boxes: GenerationBoxes,
  person: Bytes,
  secret: Bytes,
  pairs: PairsForMe,
): boolean {
  const { recorded } = header;
  if (recorded === null) return true;
  const slots = slotsOf(header, secret);
  if (!equal(commitment(slots), recorded.slots)) return false;
  if (!recorded.training) return true;
  const { wraps, hashes } = boxes;
  if (wraps === null || recorded.wraps === null || hashes === null || pairs.train === null) {
    return false;
  }
  const own = 1 + header.people.findIndex(({ id }) => equal(id, person));
  const root = treeRoot(pairs.train, person, header.place, header.secret);
  const committed = recorded.shares[own];
  return (
    own > 0 &&
    committed !== undefined &&
    equal(commitment(sharesBelow(root)), committed) &&
    equal(wrapsDigest(wraps), recorded.wraps) &&
    equal(slotHashes(slots), hashes)
  );
}

/** All S_i of a recorded generation, for who may watch it; `bad-secret` or `bad-slots`. */
export async function openForWatching(
  header: GenerationHeader,
  boxes: BoxesOfSecret,
  person: Bytes,
  watchPair: Bytes,
): Promise<Bytes[]> {
  let secret: Bytes;
  try {
    secret = await openSecret(header, boxes, person, { page: null, watch: watchPair, train: null });
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new GenerationError("bad-secret", "the secret does not open", { cause: error });
  }
  const slots = slotsOf(header, secret);
  if (header.recorded === null || !same(commitment(slots), header.recorded.slots)) {
    throw new GenerationError("bad-slots", "the slots are not those of the header");
  }
  return slots;
}

/** All S_i of E. */
export function slotsOf(header: Pick<GenerationHeader, "place">, secret: Bytes): Bytes[] {
  return Array.from({ length: SLOTS }, (_, slot) => slotSecret(secret, header.place, slot));
}

async function openKey(secret: Bytes, box: Bytes, info: Bytes, code: string): Promise<Bytes> {
  let key: Bytes;
  try {
    key = await unseal(secret, box, info);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new GenerationError(code, "the box does not open", { cause: error });
  }
  if (key.length !== KEY_BYTES) throw new GenerationError(code, "it is no key");
  return key;
}

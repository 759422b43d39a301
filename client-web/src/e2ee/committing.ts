// Making a generation: what the committer's page draws, seals, wraps and commits to (FORMAT-2.md,
// sections 6, 7 and 9). It is for a worker: fifty people in a recorded meeting are 65,000 hashes.

import { type Bytes, concat, encode, equal } from "../crypto/bytes";
import { random, seal, type Signer } from "../crypto/suite";
import { writeBoxes } from "./boxes";
import { pairInfo, type Purpose, secretTag, treeRoot, wrapSecret } from "./generation";
import {
  GENERATION_TYPE,
  type GenerationContent,
  type GenerationHeader,
  pagesOf,
  parseGeneration,
  placeOf,
  type RecordedPart,
  watchersOf,
  writeGeneration,
} from "./generation-header";
import { slotsOf } from "./opening";
import type { PairsForMe } from "./opening";
import { KEY_BYTES } from "./primitives";
import { commitment, slotHashes, wrapsDigest } from "./slot-commitments";
import { slotWrappingKey, wrapSlot } from "./slot-keys";
import { sharesBelow } from "./slot-tree";

type Random = (length: number) => Bytes;

/** What a header says that no key has a part in; people and removed in the order of their ids. */
export interface GenerationDraft extends Omit<GenerationContent, "secret" | "recorded"> {
  readonly recorded: Omit<RecordedPart, "training" | "shares" | "slots" | "wraps"> | null;
}

export interface MadeGeneration {
  readonly header: GenerationHeader;
  readonly signature: Bytes;
  readonly boxes: Bytes;
  /** E. */
  readonly secret: Bytes;
}

/** The pair keys that this page has drawn: once for each owner and key. Kept in memory alone. */
export class PairKeys {
  readonly #meeting: Bytes;
  readonly #committer: Bytes;
  readonly #random: Random;
  readonly #keys = new Map<string, { readonly publicKey: Bytes; readonly key: Bytes }>();

  constructor(meeting: Bytes, committer: Bytes, draw: Random = random) {
    this.#meeting = meeting;
    this.#committer = committer;
    this.#random = draw;
  }

  /** Draw the pair key of an owner's key and return its box; null where there is one already. */
  async seal(purpose: Purpose, owner: Bytes, publicKey: Bytes): Promise<Bytes | null> {
    const name = nameOf(purpose, owner);
    const known = this.#keys.get(name);
    if (known && equal(known.publicKey, publicKey)) return null;
    const key = this.#random(KEY_BYTES);
    const info = pairInfo(purpose, this.#meeting, this.#committer, owner, publicKey);
    const box = await seal(publicKey, key, info);
    this.#keys.set(name, { publicKey, key });
    return box;
  }

  /** "A page that is new to a committer is sealed to before it is in a header." */
  key(purpose: Purpose, owner: Bytes): Bytes {
    const known = this.#keys.get(nameOf(purpose, owner));
    if (known === undefined) throw new RangeError("this owner was not sealed to");
    return known.key;
  }

  /** What the committer has for itself, which it need not open. */
  of(owner: Bytes): PairsForMe {
    const found = (purpose: Purpose): Bytes | null =>
      this.#keys.get(nameOf(purpose, owner))?.key ?? null;
    return { page: found("page"), watch: found("watch"), train: found("train") };
  }
}

/** Draw E, and make header, signature and boxes. */
export async function makeGeneration(
  draft: GenerationDraft,
  pairs: PairKeys,
  signer: Signer,
  draw: Random = random,
): Promise<MadeGeneration> {
  const secret = draw(KEY_BYTES);
  const place = placeOf(draft);
  const tag = secretTag(secret, place);
  const slots = draft.recorded && slotsOf({ place }, secret);
  const trees = draft.recorded?.vault
    ? [draft.recorded.vault, ...draft.people.map(({ id }) => id)].map((owner) =>
        sharesBelow(treeRoot(pairs.key("train", owner), owner, place, tag)),
      )
    : [];
  const wraps = slots && trees.length > 0 ? await wrapSlots(trees, slots, place, tag) : null;
  const recorded = slots && {
    ...draft.recorded,
    training: wraps !== null,
    shares: trees.map(commitment),
    slots: commitment(slots),
    wraps: wraps && wrapsDigest(wraps),
  };
  const body = writeGeneration({ ...draft, secret: tag, recorded });
  const header = await parseGeneration(body); // what cannot be read must not be written
  const hashes = slots && wraps && slotHashes(slots);
  return {
    header,
    signature: await signer.sign(GENERATION_TYPE, body),
    boxes: writeBoxes(header, await wrapForPeople(header, pairs, secret), wraps, hashes),
    secret,
  };
}

/** E for each who gets it: pages of a live generation, watchers of a recorded one. */
function wrapForPeople(
  header: GenerationHeader,
  pairs: PairKeys,
  secret: Bytes,
): Promise<{ readonly id: Bytes; readonly box: Bytes }[]> {
  const [purpose, people] =
    header.recorded === null
      ? (["page", pagesOf(header)] as const)
      : (["watch", watchersOf(header)] as const);
  return Promise.all(
    people.map(async ({ id }) => {
      const pairKey = pairs.key(purpose, id);
      const context = { pairKey, purpose, owner: id, header: header.digest };
      return { id, box: await wrapSecret(context, secret) };
    }),
  );
}

async function wrapSlots(
  trees: readonly (readonly Bytes[])[],
  slots: readonly Bytes[],
  place: Bytes,
  tag: Bytes,
): Promise<Bytes> {
  const wraps = slots.map((secret, slot) => {
    const shares = trees.flatMap((tree) => tree.slice(slot, slot + 1));
    return wrapSlot(slotWrappingKey(shares, place, tag, slot), place, slot, secret);
  });
  return concat(...(await Promise.all(wraps)));
}

function nameOf(purpose: Purpose, owner: Bytes): string {
  return `${purpose} ${encode(owner)}`;
}

// Secrets of generations: the tag that a header has of E, and how E reaches people (format 2).

import { type Bytes, concat, utf8 } from "../crypto/bytes";
import { SealError } from "../crypto/errors";
import { MEETING_BYTES, XWING_PUBLIC_BYTES } from "../crypto/suite";
import { MAX_GENERATION } from "./frame-key";
import {
  bigEndian,
  DIGEST_BYTES,
  exactly,
  hkdf,
  hmac,
  KEY_BYTES,
  labelled,
  same,
  sha256,
  unwrap,
  wrap,
} from "./primitives";

/** What E is wrapped for: pages in a live generation, watchers in a recorded one. */
export type Wrapping = "page" | "watch";
/** What a pair key is for. */
export type Purpose = Wrapping | "train";

/** Stands for the committer's page where there is none: the server has made it. */
export const NOBODY: Bytes = new Uint8Array(DIGEST_BYTES);

/** P: where a generation stands, known before its header is. */
export function generationPlace(
  meeting: Bytes,
  generation: number,
  previous: Bytes | null,
  committer: Bytes | null,
): Bytes {
  if (!Number.isInteger(generation) || generation < 1 || generation > MAX_GENERATION) {
    throw new RangeError("generations are numbered from 1, in 24 bits");
  }
  const [before, page] = [previous ?? new Uint8Array(DIGEST_BYTES), committer ?? NOBODY];
  exactly(MEETING_BYTES, meeting);
  exactly(DIGEST_BYTES, before, page);
  return sha256(concat(meeting, bigEndian(generation, 8), before, page));
}

/** `secret` of a header: the tag of E. */
export function secretTag(secretKey: Bytes, place: Bytes): Bytes {
  exactly(KEY_BYTES, secretKey);
  exactly(DIGEST_BYTES, place);
  return hmac(secretKey, labelled("assent/secret/v2", place));
}

/** The info of a pair key's box; `committer` is a page, `publicKey` what it is sealed to. */
export function pairInfo(
  purpose: Purpose,
  meeting: Bytes,
  committer: Bytes,
  owner: Bytes,
  publicKey: Bytes,
): Bytes {
  exactly(MEETING_BYTES, meeting);
  exactly(DIGEST_BYTES, committer, owner);
  exactly(XWING_PUBLIC_BYTES, publicKey);
  const named = utf8(`${purpose}\0`);
  return labelled("assent/pair/v2", named, meeting, committer, owner, sha256(publicKey));
}

/** Whose wrap of E it is, and of which header (`header` is H). */
export interface WrapContext {
  readonly pairKey: Bytes;
  readonly purpose: Wrapping;
  readonly owner: Bytes;
  readonly header: Bytes;
}

/**
 * Wrap E. The key is made of H, H has the tag of E in it, and no other E gives that tag: a key
 * encrypts one plaintext.
 */
export function wrapSecret(context: WrapContext, secretKey: Bytes): Promise<Bytes> {
  return wrap(wrappingKey(context), secretKey, context.header);
}

/**
 * Open a wrap, and compare what is in it with the header's `secret`: anybody can seal another E, so
 * there is no way to one that is not compared. Rejects with SealError.
 */
export async function unwrapSecret(
  context: WrapContext,
  wrapped: Bytes,
  place: Bytes,
  tag: Bytes,
): Promise<Bytes> {
  const secretKey = await unwrap(wrappingKey(context), wrapped, context.header);
  if (!same(secretTag(secretKey, place), tag)) {
    throw new SealError("it is not the secret that the header names");
  }
  return secretKey;
}

/**
 * The root of an owner's shares in one recorded generation. It has the tag of E in it, so that two
 * headers of one committer in one place have no node in common.
 */
export function treeRoot(trainPairKey: Bytes, owner: Bytes, place: Bytes, tag: Bytes): Bytes {
  exactly(KEY_BYTES, trainPairKey);
  exactly(DIGEST_BYTES, owner, place, tag);
  return hkdf(trainPairKey, place, labelled("assent/root/v2", tag, owner));
}

function wrappingKey({ pairKey, purpose, owner, header }: WrapContext): Bytes {
  exactly(KEY_BYTES, pairKey);
  exactly(DIGEST_BYTES, owner, header);
  return hkdf(pairKey, header, labelled("assent/wrap/v2", utf8(`${purpose}\0`), owner));
}

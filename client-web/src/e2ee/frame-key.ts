// Keys of frames: whose page, which source, which slot; and what a key id and a counter say (format 2).

import { type Bytes, utf8 } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";
import type { Source } from "../signalling/tracks";
import { DIGEST_BYTES, exactly, hkdf, KEY_BYTES, labelled } from "./primitives";
import { type SframeHeader, SframeKey } from "./sframe";

export const SLOT_MS = 2_000;
/** "After slot 255 a sender MUST stop." */
export const SLOTS = 256;
export const MAX_GENERATION = 2 ** 24 - 1;
export const STREAMS = 256;
export const LAYERS = 3;
export const MAX_COUNT = 2 ** 30 - 1;
const STRIDE = 4;

/** Which key: the generation's number (from 1), the slot, and the stream within the page. */
export interface KeyId {
  readonly generation: number;
  readonly slot: number;
  readonly stream: number;
}

/** Whose frames; `page` is the digest of the page's document. */
export interface Sender {
  readonly person: Bytes;
  readonly page: Bytes;
  readonly source: Source;
}

/** What a frame's header says: its key, its layer, and its count within that layer. */
export interface FrameNumber {
  readonly key: KeyId;
  readonly layer: number;
  readonly count: number;
}

/** The key id of SFrame: generation · 2^24 + slot · 2^8 + stream. */
export function kidOf({ generation, slot, stream }: KeyId): bigint {
  if (!isWithin(generation, 1, MAX_GENERATION) || !isWithin(slot, 0, SLOTS - 1)) {
    throw new RangeError("there is no such generation or slot");
  }
  if (!isWithin(stream, 0, STREAMS - 1)) throw new RangeError("there is no such stream");
  return (BigInt(generation) << 24n) | (BigInt(slot) << 8n) | BigInt(stream);
}

/** The counter of the `count`-th frame (from 0) of a layer: 4 n + layer. */
export function counterOf(layer: number, count: number): bigint {
  if (!isWithin(layer, 0, LAYERS - 1) || !isWithin(count, 0, MAX_COUNT)) {
    throw new RangeError("there is no such counter");
  }
  return BigInt(STRIDE * count + layer);
}

/** Read an SFrame header as one of ours; throws FormatError. */
export function frameNumber({ kid, ctr }: SframeHeader): FrameNumber {
  const key = {
    generation: Number(kid >> 24n),
    slot: Number((kid >> 8n) & 0xffffn),
    stream: Number(kid & 0xffn),
  };
  if (!isWithin(key.generation, 1, MAX_GENERATION) || key.slot >= SLOTS) {
    throw new FormatError("kid", "is no generation, slot and stream");
  }
  const layer = Number(ctr % BigInt(STRIDE));
  const count = Number(ctr / BigInt(STRIDE));
  if (layer >= LAYERS || count > MAX_COUNT) {
    throw new FormatError("ctr", "is no frame of a layer");
  }
  return { key, layer, count };
}

/** The base key that SFrame derives from; `header` is H. */
export function frameBaseKey(slotSecret: Bytes, header: Bytes, sender: Sender, key: KeyId): Bytes {
  kidOf(key);
  exactly(KEY_BYTES, slotSecret);
  exactly(DIGEST_BYTES, header, sender.person, sender.page);
  const { person, page, source } = sender;
  const stream = Uint8Array.of(key.stream);
  return hkdf(slotSecret, header, labelled("assent/frame/v2", person, page, utf8(source), stream));
}

export function frameKey(
  slotSecret: Bytes,
  header: Bytes,
  sender: Sender,
  key: KeyId,
): Promise<SframeKey> {
  return SframeKey.of(frameBaseKey(slotSecret, header, sender, key), kidOf(key));
}

function isWithin(number: number, least: number, most: number): boolean {
  return Number.isInteger(number) && least <= number && number <= most;
}

// As much of WebM as watching needs: where the key frames are, and how long the last frame of a
// cluster lasts (RFC 9559; RFC 8794 for the elements).
//
// The recorder writes clusters of a known size with a Timestamp, SimpleBlocks, and BlockGroups of one
// block that say how long it lasts. What is not understood is passed over; the browser's own demuxer
// judges the rest.

import { type Bytes, concat } from "../crypto/bytes";

export const CLUSTER = 0x1f43b675;
export const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const BLOCK_DURATION = 0x9b;
const REFERENCE_BLOCK = 0xfb;
const KEY = 0x80;
const TRACK = 0x81; // number 1, in one byte

/** Milliseconds since the meeting began at which key frames are, in order. */
export function keyFrames(plaintext: Bytes): number[] {
  const found: number[] = [];
  for (const cluster of elements(plaintext)) {
    if (cluster.id !== CLUSTER) continue;
    const stamp = [...elements(cluster.body)].find(({ id }) => id === TIMESTAMP);
    const began = stamp?.body.reduce((value, byte) => value * 256 + byte, 0) ?? 0;
    for (const { key, time } of blocks(cluster.body)) if (key) found.push(began + time);
  }
  return found;
}

/** A picture in a cluster. */
export interface Block {
  /** Where it begins, and how long it is, in the cluster's body. */
  readonly at: number;
  readonly length: number;
  /** In milliseconds since the cluster's beginning. */
  readonly time: number;
  readonly key: boolean;
  readonly frame: Bytes;
  /** In milliseconds, where it says so itself. */
  readonly lasts: number | null;
}

export function* blocks(cluster: Bytes): Generator<Block, void> {
  for (const { at, body, id, length } of elements(cluster)) {
    if (id !== SIMPLE_BLOCK && id !== BLOCK_GROUP) continue;
    const inside = id === BLOCK_GROUP ? [...elements(body)] : [];
    const block = id === SIMPLE_BLOCK ? body : inside.find((one) => one.id === BLOCK)?.body;
    if (block === undefined || block.length < 4) continue;
    // Of a group, the block that refers to no other is a key frame.
    const key =
      id === SIMPLE_BLOCK
        ? ((block[3] ?? 0) & KEY) !== 0
        : !inside.some((one) => one.id === REFERENCE_BLOCK);
    const duration = inside.find((one) => one.id === BLOCK_DURATION)?.body;
    yield {
      ...{ at, length, key },
      // Track number in one byte, then the time within the cluster, signed.
      time: new DataView(block.buffer, block.byteOffset).getInt16(1),
      frame: block.subarray(4),
      lasts: duration?.reduce((value, byte) => value * 256 + byte, 0) ?? null,
    };
  }
}

/** Write a picture that says how long it lasts. */
export function group(time: number, key: boolean, frame: Bytes, lasts: number): Bytes {
  return element(
    BLOCK_GROUP,
    element(BLOCK, Uint8Array.of(TRACK, (time >> 8) & 0xff, time & 0xff, 0), frame),
    element(BLOCK_DURATION, Uint8Array.of(lasts >> 8, lasts & 0xff)),
    ...(key ? [] : [element(REFERENCE_BLOCK, Uint8Array.of(0xff))]), // -1: the one before
  );
}

/** How long a picture stays up at most (FORMAT.md, section 9); what follows later follows a gap. */
export const LASTS_MS = 5000;

/**
 * Return the same pictures, with the last one saying how long it lasts: until `until`, when the next
 * one comes or nothing more does; where that is too far off, as long as the one before it, and alone a
 * while. The recorder does not know that of the last one of a segment. A browser that is not told takes
 * it for a fraction of a second, and shows nothing until the next; Firefox, where that is a millisecond
 * too long, drops what follows up to the next key frame.
 */
export function lasting(plaintext: Bytes, until: number): Bytes {
  const clusters = [...elements(plaintext)];
  const last = clusters.at(-1);
  if (last?.id !== CLUSTER) return plaintext;
  const end = [...elements(last.body)].at(-1);
  if (end?.id !== SIMPLE_BLOCK || end.body.length < 4) return plaintext;
  const [block, before] = [...blocks(last.body)].reverse();
  if (block === undefined) return plaintext;
  const { frame, key, time } = block;
  const stamp = [...elements(last.body)].find(({ id }) => id === TIMESTAMP);
  const now = time + (stamp?.body.reduce((value, byte) => value * 256 + byte, 0) ?? 0);
  const isSoon = until > now && until <= now + LASTS_MS;
  // How long the picture before was up.
  const usual = before === undefined ? LASTS_MS : Math.max(1, time - before.time);
  const lasts = isSoon ? until - now : Math.min(usual, LASTS_MS);
  return concat(
    plaintext.subarray(0, last.at),
    element(CLUSTER, last.body.subarray(0, block.at), group(time, key, frame, lasts)),
  );
}

/** Write an element, with a size of four bytes: a segment has no more than 4 MiB. */
export function element(id: number, ...body: readonly Uint8Array[]): Bytes {
  const name = [24, 16, 8, 0].map((shift) => (id >>> shift) & 0xff).filter((byte) => byte !== 0);
  const size = body.reduce((sum, part) => sum + part.length, 0);
  const sized = [0x10 | (size >>> 24), (size >>> 16) & 0xff, (size >>> 8) & 0xff, size & 0xff];
  return concat(Uint8Array.from([...name, ...sized]), ...body);
}

interface Element {
  readonly id: number;
  /** Where it begins, and how long it is, in what it is read from. */
  readonly at: number;
  readonly length: number;
  readonly body: Bytes;
}

export function* elements(data: Bytes): Generator<Element, void> {
  let at = 0;
  while (at < data.length) {
    const id = number(data, at, true);
    const size = id === null ? null : number(data, at + id.length, false);
    if (id === null || size === null) return;
    const start = at + id.length + size.length;
    const end = start + size.value;
    if (end > data.length) return;
    yield { id: id.value, at, length: end - at, body: data.subarray(start, end) };
    at = end;
  }
}

/** A variable-size integer; of an identifier the marker stays part of the value. */
function number(
  data: Bytes,
  at: number,
  marked: boolean,
): { value: number; length: number } | null {
  const first = data[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > data.length) return null;
  let value = marked ? first : first & ((1 << (8 - length)) - 1);
  for (let next = 1; next < length; next += 1) value = value * 256 + (data[at + next] ?? 0);
  return { value, length };
}

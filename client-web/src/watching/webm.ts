// As much of WebM as watching needs: where the key frames are, and how long the last frame of a
// cluster lasts (RFC 9559; RFC 8794 for the elements).
//
// The recorder writes clusters of a known size with a Timestamp and SimpleBlocks in them, nothing
// else. What is not understood is passed over; the browser's own demuxer judges the rest.

import { type Bytes, concat } from "../crypto/bytes";

const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const BLOCK_DURATION = 0x9b;
const REFERENCE_BLOCK = 0xfb;
const KEY = 0x80;

/** Milliseconds since the meeting began at which key frames are, in order. */
export function keyFrames(plaintext: Bytes): number[] {
  const found: number[] = [];
  for (const cluster of elements(plaintext)) {
    if (cluster.id !== CLUSTER) continue;
    let began = 0;
    for (const { body, id } of elements(cluster.body)) {
      if (id === TIMESTAMP) {
        began = body.reduce((value, byte) => value * 256 + byte, 0);
      } else if (id === SIMPLE_BLOCK && body.length >= 4 && ((body[3] ?? 0) & KEY) !== 0) {
        // Track number in one byte, then the time within the cluster, signed.
        found.push(began + new DataView(body.buffer, body.byteOffset).getInt16(1));
      }
    }
  }
  return found;
}

/** What is taken for a gap, and no slow picture. */
const LONGEST_MS = 2000;
const USUAL_MS = 67;

/**
 * Return the same pictures, with the last one saying how long it lasts: until `next`, the time of the
 * one that follows. Blocks do not say, and Firefox then takes the last to last as long as the one before;
 * where that is a millisecond too long it drops what follows, up to the next key frame.
 */
export function lasting(plaintext: Bytes, next: number | null): Bytes {
  const clusters = [...elements(plaintext)];
  const last = clusters.at(-1);
  if (last?.id !== CLUSTER) return plaintext;
  const inside = [...elements(last.body)];
  const block = inside.at(-1);
  if (block?.id !== SIMPLE_BLOCK || block.body.length < 4) return plaintext;
  const stamp = inside.find((one) => one.id === TIMESTAMP);
  const began = stamp?.body.reduce((value, byte) => value * 256 + byte, 0) ?? 0;
  const time = began + new DataView(block.body.buffer, block.body.byteOffset).getInt16(1);
  const until = next === null || next <= time || next > time + LONGEST_MS ? time + USUAL_MS : next;
  const head = block.body.slice(0, 4);
  const isKey = ((head[3] ?? 0) & KEY) !== 0;
  head[3] = 0; // only a simple block has the flag; of others, those that refer to none are key frames
  const group = element(
    BLOCK_GROUP,
    element(BLOCK, head, block.body.subarray(4)),
    element(BLOCK_DURATION, Uint8Array.of((until - time) >> 8, (until - time) & 0xff)),
    ...(isKey ? [] : [element(REFERENCE_BLOCK, Uint8Array.of(0xff))]), // -1: the one before
  );
  const before = plaintext.subarray(0, last.at);
  return concat(before, element(CLUSTER, last.body.subarray(0, block.at), group));
}

/** Write an element, with a size of four bytes: a segment has no more than 4 MiB. */
function element(id: number, ...body: readonly Uint8Array[]): Bytes {
  const name = [24, 16, 8, 0].map((shift) => (id >>> shift) & 0xff).filter((byte) => byte !== 0);
  const size = body.reduce((sum, part) => sum + part.length, 0);
  const sized = [0x10 | (size >>> 24), (size >>> 16) & 0xff, (size >>> 8) & 0xff, size & 0xff];
  return concat(Uint8Array.from([...name, ...sized]), ...body);
}

function* elements(data: Bytes): Generator<{ id: number; at: number; body: Bytes }, void> {
  let at = 0;
  while (at < data.length) {
    const id = number(data, at, true);
    const size = id === null ? null : number(data, at + id.length, false);
    if (id === null || size === null) return;
    const start = at + id.length + size.length;
    const end = start + size.value;
    if (end > data.length) return;
    yield { id: id.value, at, body: data.subarray(start, end) };
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

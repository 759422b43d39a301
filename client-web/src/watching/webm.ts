// As much of WebM as watching needs: where the key frames are (RFC 9559; RFC 8794 for the elements).
//
// The recorder writes clusters of a known size with a Timestamp and SimpleBlocks in them, nothing
// else. What is not understood is passed over; the browser's own demuxer judges the rest.

import type { Bytes } from "../crypto/bytes";

const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
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

function* elements(data: Bytes): Generator<{ id: number; body: Bytes }, void> {
  let at = 0;
  while (at < data.length) {
    const id = number(data, at, true);
    const size = id === null ? null : number(data, at + id.length, false);
    if (id === null || size === null) return;
    const start = at + id.length + size.length;
    const end = start + size.value;
    if (end > data.length) return;
    yield { id: id.value, body: data.subarray(start, end) };
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

// Clusters as a recording has them, read strictly and written (FORMAT.md, section 9): what is passed
// on is what was understood. webm.ts looks into a plaintext that is only to be played.

import { type Bytes, concat } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";
import { CLUSTER, element, TIMESTAMP } from "./webm";

const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const BLOCK_DURATION = 0x9b;
const REFERENCE_BLOCK = 0xfb;
const TRACK = 0x81; // number 1, in one byte
const KEY = 0x80;
const HEAD_BYTES = 4; // track number, time within the cluster, flags
const MAX_NUMBER_BYTES = 6; // what a number of JavaScript has room for

/** A frame in its place. */
export interface StoredBlock {
  /** Milliseconds since the meeting began. */
  readonly time: number;
  readonly key: boolean;
  readonly frame: Bytes;
  /** In milliseconds; 0 where it is not said. */
  readonly duration: number;
}

interface Element {
  readonly id: number;
  readonly body: Bytes;
}

/** The blocks of each cluster that `data` is made of; throws FormatError for anything else. */
export function readClusters(data: Bytes): StoredBlock[][] {
  return elements(data).map(({ body, id }) => {
    if (id !== CLUSTER) throw new FormatError("cluster", "is another element");
    const [stamp, ...inside] = elements(body);
    if (stamp?.id !== TIMESTAMP) {
      throw new FormatError("cluster", "does not begin with its time");
    }
    const began = number(stamp.body);
    return inside.map((one) => readBlock(began, one));
  });
}

/** Write a cluster; the times of its blocks must not go back. */
export function writeCluster(blocks: readonly StoredBlock[]): Bytes {
  const began = blocks[0]?.time ?? 0;
  return element(
    CLUSTER,
    element(TIMESTAMP, bigEndian(began, MAX_NUMBER_BYTES)),
    ...blocks.map(({ duration, frame, key, time }) => {
      const at = time - began;
      const flags = duration === 0 && key ? KEY : 0;
      const head = Uint8Array.of(TRACK, (at >> 8) & 0xff, at & 0xff, flags);
      if (duration === 0) return element(SIMPLE_BLOCK, head, frame);
      return element(
        BLOCK_GROUP,
        element(BLOCK, head, frame),
        element(BLOCK_DURATION, bigEndian(duration, MAX_NUMBER_BYTES)),
        ...(key ? [] : [element(REFERENCE_BLOCK, Uint8Array.of(0xff))]), // -1: the one before
      );
    }),
  );
}

function readBlock(began: number, { body, id }: Element): StoredBlock {
  if (id === SIMPLE_BLOCK) return blockOf(began, body, 0, null);
  if (id !== BLOCK_GROUP) throw new FormatError("cluster", "has another element than blocks");
  const [block, duration, reference, ...more] = elements(body);
  if (
    block?.id !== BLOCK ||
    duration?.id !== BLOCK_DURATION ||
    (reference !== undefined && reference.id !== REFERENCE_BLOCK) ||
    more.length > 0
  ) {
    throw new FormatError("group", "is no block with how long it lasts");
  }
  // Of a group, the block that refers to no other is a key frame.
  return blockOf(began, block.body, number(duration.body), reference === undefined);
}

function blockOf(
  began: number,
  block: Bytes,
  duration: number,
  isKey: boolean | null,
): StoredBlock {
  if (block.length <= HEAD_BYTES) throw new FormatError("block", "is cut short");
  const [track, , , flags = 0] = block;
  if (track !== TRACK || (flags & ~KEY) !== 0 || (isKey !== null && flags !== 0)) {
    throw new FormatError("block", "is not of the track, or in a way that is not written");
  }
  const at = new DataView(block.buffer, block.byteOffset).getInt16(1);
  const key = isKey ?? flags === KEY;
  return { time: began + at, key, frame: block.subarray(HEAD_BYTES), duration };
}

function elements(data: Bytes): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < data.length) {
    const id = vint(data, at, true);
    const size = vint(data, at + id.length, false);
    const start = at + id.length + size.length;
    at = start + size.value;
    if (at > data.length) throw new FormatError("element", "is cut short");
    found.push({ id: id.value, body: data.subarray(start, at) });
  }
  return found;
}

/** A number of one to eight bytes (RFC 8794, section 4); of an identifier the marker stays in it. */
function vint(data: Bytes, at: number, marked: boolean): { value: number; length: number } {
  const first = data[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > data.length) throw new FormatError("element", "is cut short");
  let value = marked ? first : first & ((1 << (8 - length)) - 1);
  for (let next = 1; next < length; next += 1) value = value * 256 + (data[at + next] ?? 0);
  return { value, length };
}

function number(body: Bytes): number {
  if (body.length === 0 || body.length > MAX_NUMBER_BYTES) {
    throw new FormatError("element", "is no number");
  }
  return body.reduce((value, byte) => value * 256 + byte, 0);
}

/** A number in as few bytes as it needs, at most `most`. */
function bigEndian(value: number, most: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest % 256);
    rest = Math.floor(rest / 256);
  } while (rest > 0 && bytes.length < most);
  return concat(Uint8Array.from(bytes));
}

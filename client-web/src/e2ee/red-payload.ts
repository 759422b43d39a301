// Redundant sound (RFC 2198): a payload of several blocks, the newest last. What is inside of a block is
// not looked at here.

import { type Bytes, concat } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";

const LONG_HEADER = 4;
const MORE = 0x80;
const MAX_OFFSET = 2 ** 14 - 1;
const MAX_BLOCKS = 32;
/** What the ten bits of a redundant block's length can say. */
export const MAX_REDUNDANT_BYTES = 1_023;

export interface RedBlock {
  readonly payloadType: number;
  /** How much older than the payload's own time; 0 of the newest block. */
  readonly offset: number;
  readonly data: Bytes;
}

/** Take a payload apart; throws FormatError where its lengths do not add up. */
export function parseRed(payload: Bytes): RedBlock[] {
  const heads: { payloadType: number; offset: number; length: number }[] = [];
  let at = 0;
  for (;;) {
    const first = payload[at];
    if (first === undefined || heads.length >= MAX_BLOCKS) throw new FormatError("red", "is none");
    if ((first & MORE) === 0) {
      heads.push({ payloadType: first, offset: 0, length: -1 });
      at += 1;
      break;
    }
    const [high = 0, middle = 0, low = 0] = payload.subarray(at + 1, at + LONG_HEADER);
    heads.push({
      payloadType: first & 0x7f,
      offset: (high << 6) | (middle >> 2),
      length: ((middle & 3) << 8) | low,
    });
    at += LONG_HEADER;
  }
  return heads.map(({ payloadType, offset, length }) => {
    const end = length < 0 ? payload.length : at + length;
    if (end > payload.length) throw new FormatError("red", "is cut short");
    const data = payload.subarray(at, end);
    at = end;
    return { payloadType, offset, data };
  });
}

/** Make a payload of blocks, of which the last is the newest. */
export function makeRed(blocks: readonly RedBlock[]): Bytes {
  const newest = blocks.at(-1);
  if (newest === undefined) throw new RangeError("there is no payload without a block");
  const heads = blocks.slice(0, -1).map(({ payloadType, offset, data }) => {
    if (data.length > MAX_REDUNDANT_BYTES || offset > MAX_OFFSET) {
      throw new RangeError("a redundant block has ten bits of length, and fourteen of time");
    }
    return Uint8Array.of(
      MORE | payloadType,
      offset >> 6,
      ((offset & 0x3f) << 2) | (data.length >> 8),
      data.length & 0xff,
    );
  });
  return concat(...heads, Uint8Array.of(newest.payloadType), ...blocks.map((block) => block.data));
}

// Frames as they go over the wire and into recordings (format 2):
//
//   clear prefix ‖ SFrame header ‖ encrypted ‖ tag (16)
//
// The prefix comes first because depacketizers look there; what follows is one SFrame ciphertext as RFC
// 9605 has it, which says its own length, so that no length needs a byte and none can contradict.

import { type Bytes, concat } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";
import { frameNumber, type FrameNumber, SLOT_MS } from "./frame-key";
import { bigEndian } from "./primitives";
import { readHeader, type SframeKey, TAG_BYTES } from "./sframe";

/** The byte that stands for a codec in what is authenticated; it does not travel. */
export const CODECS = { opus: 1, vp8: 2, vp9: 3 } as const;
export type FrameCodec = keyof typeof CODECS;

const MS_BYTES = 2;
/** Of a frame before it is sealed. */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** A header of ours has 1 byte, 4 to 6 of the key id, and up to 4 of the counter. */
export const MAX_SEALED_BYTES = MAX_FRAME_BYTES + 11 + MS_BYTES + TAG_BYTES;

/** A sealed frame that has been taken apart and not opened; `metadata` is authenticated. */
export interface SealedFrame {
  readonly number: FrameNumber;
  readonly prefix: Bytes;
  readonly metadata: Bytes;
  readonly ciphertext: Bytes;
}

export interface OpenedFrame {
  readonly frame: Bytes;
  /** Within the slot. */
  readonly ms: number;
}

/**
 * How many bytes of a frame stay in the clear. Byte 0 says it and nothing else does: what a browser
 * says of a frame's type is, at the receiver, what RTP said.
 */
export function clearBytes(codec: FrameCodec, first: number): number {
  switch (codec) {
    // RFC 6386, section 9.1: the lowest bit is clear in key frames, which say how large they are.
    case "vp8":
      return (first & 1) === 0 ? 10 : 3;
    // RFC 6716, section 3.2.5: with both bits set the next byte says how many frames there are.
    case "opus":
      return (first & 3) === 3 ? 2 : 1;
    case "vp9":
      return 0;
  }
}

/**
 * Seal a frame, `ms` after its slot began. `ctr` comes from a FrameCounter, and is used once. Rejects
 * with FormatError what is no frame of this codec, which is then not sent.
 */
export async function sealFrame(
  key: SframeKey,
  ctr: bigint,
  codec: FrameCodec,
  ms: number,
  frame: Bytes,
): Promise<Bytes> {
  if (!Number.isInteger(ms) || ms < 0 || ms >= SLOT_MS) {
    throw new RangeError("a slot has two seconds");
  }
  if (frame.length > MAX_FRAME_BYTES) throw new FormatError("frame", "is too large");
  const prefix = prefixOf(codec, frame);
  const plaintext = concat(bigEndian(ms, MS_BYTES), frame.subarray(prefix.length));
  return concat(prefix, await key.encrypt(ctr, plaintext, metadataOf(codec, prefix)));
}

/** Take a sealed frame apart, to know which key it needs; throws FormatError. */
export function parseFrame(codec: FrameCodec, data: Bytes): SealedFrame {
  if (data.length > MAX_SEALED_BYTES) throw new FormatError("frame", "is too large");
  const prefix = prefixOf(codec, data);
  const ciphertext = data.subarray(prefix.length);
  const { header, length } = readHeader(ciphertext);
  const number = frameNumber(header);
  if (ciphertext.length < length + MS_BYTES + TAG_BYTES) {
    throw new FormatError("frame", "is cut short");
  }
  return { number, prefix, metadata: metadataOf(codec, prefix), ciphertext };
}

/**
 * Open a frame with the key that its number names. Rejects with SealError where it does not open, with
 * FormatError where its sender broke the format (of `ms`: out of time). Whether it has come before,
 * replay-window.ts says afterwards.
 */
export async function openFrame(key: SframeKey, sealed: SealedFrame): Promise<OpenedFrame> {
  const { plaintext } = await key.decrypt(sealed.ciphertext, sealed.metadata);
  const [high = 0, low = 0] = plaintext;
  const ms = high * 256 + low;
  if (ms >= SLOT_MS) throw new FormatError("ms", "is not within a slot");
  return { frame: concat(sealed.prefix, plaintext.subarray(MS_BYTES)), ms };
}

function prefixOf(codec: FrameCodec, frame: Bytes): Bytes {
  const [first] = frame;
  if (first === undefined) throw new FormatError("frame", "is empty");
  const length = clearBytes(codec, first);
  if (frame.length < length) {
    throw new FormatError("frame", "is shorter than what of it stays clear");
  }
  return frame.subarray(0, length);
}

function metadataOf(codec: FrameCodec, prefix: Bytes): Bytes {
  return concat(Uint8Array.of(CODECS[codec]), prefix);
}

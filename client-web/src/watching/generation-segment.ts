// Segments of generations: the outer seal of what is stored (FORMAT-2.md, section 11). The frames in
// one are encrypted by themselves: generation-track.ts.

import { type Bytes, concat, equal, utf8 } from "../crypto/bytes";
import { read } from "../crypto/document";
import { FormatError, SealError } from "../crypto/errors";
import { DIGEST_BYTES, digest, MEETING_BYTES } from "../crypto/suite";
import type { FrameCodec } from "../e2ee/frame-cipher";
import { type GenerationHeader, MAX_NUMBER } from "../e2ee/generation-header";
import { SUITE_2 } from "../e2ee/page-document";
import { hkdf } from "../e2ee/primitives";
import { openChunked } from "./chunked";
import type { Entry } from "./closing";

const TYPE = "assent/segment/v2";
const MAX_HEADER_BYTES = 1024;
const LENGTH_BYTES = 4;
const STORED_CODECS = ["opus", "vp8", "vp9"] as const satisfies readonly FrameCodec[];

/** A segment without its outer seal. */
export interface UnsealedSegment {
  readonly codec: FrameCodec;
  readonly plaintext: Bytes;
}

/** What the segments of a track are sealed under; `outer` is O. */
export function outerTrackKey(outer: Bytes, header: Bytes, track: string): Bytes {
  return hkdf(outer, header, concat(utf8(`assent/track/v2\0${track}`)));
}

/** Open the seal of the object that a verified closing of `header` lists as `entry`, and no other. */
export async function unsealSegment(
  data: Bytes,
  trackKey: Bytes,
  header: GenerationHeader,
  entry: Entry,
): Promise<UnsealedSegment> {
  if (data.length !== entry.size || !equal(await digest(data), entry.digest)) {
    throw new SealError("it is not the object that the closing lists");
  }
  const { ciphertext, fields, written } = split(data);
  fields.exactly("suite", SUITE_2);
  const codec = fields.choice("codec", STORED_CODECS);
  const there =
    equal(fields.bytes("meeting", MEETING_BYTES), header.meeting) &&
    fields.integer("generation", 1, MAX_NUMBER) === header.recorded?.number &&
    equal(fields.bytes("header", DIGEST_BYTES), header.digest) &&
    fields.text("track") === entry.track &&
    fields.integer("sequence") === entry.sequence &&
    fields.integer("start") === entry.start &&
    fields.integer("end") === entry.end;
  if (!there) throw new SealError("it is a segment of another place");
  return { codec, plaintext: await openChunked(trackKey, await digest(written), ciphertext) };
}

function split(data: Bytes) {
  if (data.length < LENGTH_BYTES) throw new FormatError("segment", "is cut short");
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0);
  if (length > MAX_HEADER_BYTES) throw new FormatError("segment", "has too long a header");
  const end = LENGTH_BYTES + length;
  if (data.length < end) throw new FormatError("segment", "is cut short");
  const fields = read(data.subarray(LENGTH_BYTES, end), TYPE, MAX_HEADER_BYTES, [
    "suite",
    "meeting",
    "generation",
    "header",
    "track",
    "codec",
    "sequence",
    "start",
    "end",
  ]);
  // The context is the SHA-256 of "u32 length ‖ header".
  return { fields, written: concat(data.subarray(0, end)), ciphertext: data.subarray(end) };
}

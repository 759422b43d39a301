// Segments: from the object that was fetched to its plaintext, or to an error (FORMAT.md, section 9).

import { type Bytes, concat, equal } from "../crypto/bytes";
import { read } from "../crypto/document";
import type { Header } from "../crypto/epoch";
import { FormatError, SealError } from "../crypto/errors";
import { DIGEST_BYTES, digest, MEETING_BYTES, SUITE } from "../crypto/suite";
import { openChunked } from "./chunked";
import type { Entry } from "./closing";

const TYPE = "assent/segment/v1";
const MAX_HEADER_BYTES = 1024;
const LENGTH_BYTES = 4;

export const CODECS = ["opus", "vp8"] as const;
export type Codec = (typeof CODECS)[number];

/** Open the object that a verified closing of `epoch` lists as `entry`, and no other. */
export async function openSegment(
  data: Bytes,
  trackKey: Bytes,
  epoch: Header,
  entry: Entry,
): Promise<Bytes> {
  if (data.length !== entry.size || !equal(await digest(data), entry.digest)) {
    throw new SealError("it is not the object that the closing lists");
  }
  const { ciphertext, fields, written } = split(data);
  fields.exactly("suite", SUITE);
  fields.choice("codec", CODECS);
  const there =
    equal(fields.bytes("meeting", MEETING_BYTES), epoch.meeting) &&
    fields.integer("epoch", 1) === epoch.epoch &&
    equal(fields.bytes("header", DIGEST_BYTES), epoch.digest) &&
    fields.text("track") === entry.track &&
    fields.integer("sequence") === entry.sequence &&
    fields.integer("start") === entry.start &&
    fields.integer("end") === entry.end;
  if (!there) throw new SealError("it is a segment of another place");
  return openChunked(trackKey, await digest(written), ciphertext);
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
    "epoch",
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

// How an epoch ended, signed by the server: the list of all its segments (FORMAT.md, section 8).

import { type Bytes, encode, equal, tryDecode } from "../crypto/bytes";
import { type Fields, read } from "../crypto/document";
import type { Header } from "../crypto/epoch";
import { FormatError } from "../crypto/errors";
import { DIGEST_BYTES, MEETING_BYTES, verify } from "../crypto/suite";
import { type Source, SOURCES } from "../signalling/tracks";

const TYPE = "assent/epoch-close/v1";
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_SPAN_MS = 24 * 3_600_000;

/** A segment: its place, and digest and size of the whole object. */
export interface Entry {
  readonly track: string;
  readonly sequence: number;
  readonly digest: Bytes;
  readonly size: number;
  /** Milliseconds since the meeting began. */
  readonly start: number;
  readonly end: number;
}

/** One track of one epoch. */
export interface ClosedTrack {
  readonly name: string;
  readonly person: string;
  readonly source: Source;
  /** From sequence 0, the WebM header, without a gap. */
  readonly entries: readonly Entry[];
}

export interface Closing {
  readonly ended: number;
  readonly interrupted: boolean;
  readonly tracks: readonly ClosedTrack[];
}

/** Read the closing of `header` that `server` signed; rejects with FormatError, SignatureError. */
export async function verifyClosing(
  body: Bytes,
  signature: Bytes,
  server: Bytes,
  header: Header,
): Promise<Closing> {
  const fields = read(body, TYPE, MAX_BYTES, [
    "meeting",
    "epoch",
    "header",
    "ended",
    "interrupted",
    "segments",
  ]);
  const closing = parse(fields);
  await verify(server, TYPE, body, signature);
  if (
    !equal(fields.bytes("header", DIGEST_BYTES), header.digest) ||
    !equal(fields.bytes("meeting", MEETING_BYTES), header.meeting) ||
    fields.integer("epoch", 1) !== header.epoch
  ) {
    fields.fail("header", "is the digest of another header");
  }
  const present = new Set(header.people.filter((one) => one.present).map((one) => encode(one.id)));
  if (!closing.tracks.every(({ person }) => present.has(person))) {
    fields.fail("segments", "are of somebody who was not there");
  }
  return closing;
}

/** What it says by itself; nothing of it is believed. */
function parse(fields: Fields): Closing {
  fields.bytes("meeting", MEETING_BYTES);
  fields.integer("epoch", 1);
  fields.bytes("header", DIGEST_BYTES);
  return {
    tracks: readTracks(fields),
    ended: fields.integer("ended"),
    interrupted: fields.boolean("interrupted"),
  };
}

/** What its `segments` list. */
export function readTracks(fields: Fields): readonly ClosedTrack[] {
  const tracks: ClosedTrack[] = [];
  let entries: Entry[] = [];
  let current = "";
  for (const item of fields.children("segments", [
    "track",
    "sequence",
    "digest",
    "size",
    "start",
    "end",
  ])) {
    const entry = {
      track: item.text("track"),
      sequence: item.integer("sequence"),
      digest: item.bytes("digest", DIGEST_BYTES),
      size: item.integer("size", 1),
      start: item.integer("start"),
      end: item.integer("end"),
    };
    if (entry.end < entry.start) item.fail("end", "is before the start");
    if (entry.end - entry.start > MAX_SPAN_MS) item.fail("end", "is more than a day after it");
    // "ordered by track, then sequence, and every track's sequences run from 0 without a gap"
    if (entry.track !== current) {
      if (entry.track < current) item.fail("track", "is out of order");
      current = entry.track;
      entries = [];
      const track = parseTrack(current, item.at("track"));
      tracks.push({ name: current, person: track.person, source: track.source, entries });
    }
    if (entry.sequence !== entries.length) {
      item.fail("sequence", "does not run from 0 without a gap");
    }
    entries.push(entry);
  }
  return tracks;
}

/** "`<person id b64>.<source>`" */
export function parseTrack(
  name: string,
  field = "track",
): { readonly id: Bytes; readonly person: string; readonly source: Source } {
  const [person = "", source = "", ...more] = name.split(".");
  const id = tryDecode(person, DIGEST_BYTES);
  if (id === null || !isSource(source) || more.length > 0) {
    throw new FormatError(field, "is not the name of a track");
  }
  return { id, person, source };
}

export function isSource(name: string): name is Source {
  return Object.hasOwn(SOURCES, name);
}

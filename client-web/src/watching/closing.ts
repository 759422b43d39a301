// What a closing lists: all segments of a generation, track by track (FORMAT-2.md, section 11).

import { type Bytes, tryDecode } from "../crypto/bytes";
import type { Fields } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { DIGEST_BYTES } from "../crypto/suite";
import { type Source, SOURCES } from "../signalling/tracks";

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

/** One track of one generation. */
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

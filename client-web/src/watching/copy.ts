// One's own copy of a track: fetched, opened and joined here, written as it comes.
//
// The plaintexts of a track in a row are a live WebM; of later generations the header is left out, for
// they are the same track, on the same timeline. Where the browser can write to a file, memory holds
// one batch; elsewhere the copy is cut into files of a bounded size, each one playable by itself.

import type { Bytes } from "../crypto/bytes";
import { SOURCES } from "../signalling/tracks";
import type { Archive, OpenedGeneration, Part } from "./archive";
import type { ClosedTrack } from "./closing";
import { followed } from "./segment-scheduler";
import { lasting } from "./webm";

/** Held in memory before it is handed to the browser, where it cannot be written as it comes. */
export const PART_BYTES = 256 * 1024 * 1024;
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_SEGMENTS = 128;

/** Takes the copy, piece by piece. */
export interface Sink {
  write(data: Bytes): Promise<void>;
  /** The copy is whole. */
  close(): Promise<void>;
  /** It is not going to be. */
  abort(): Promise<void>;
}

/** What a copy came to. */
export interface Copied {
  readonly bytes: number;
  /** Segments that are not in it, or not as a whole: deleted, or not what is signed. */
  readonly missing: number;
}

/** Write a track of all its generations, in order, to `sink`. */
export async function copyTrack(
  archive: Archive,
  generations: readonly OpenedGeneration[],
  name: string,
  sink: Sink,
  progress: (bytes: number) => void,
  stop: AbortSignal,
): Promise<Copied> {
  let bytes = 0;
  let missing = 0;
  let begun = false;
  try {
    for (const generation of generations) {
      const track = generation.tracks.get(name);
      if (track === undefined) continue;
      for (const part of batches(track)) {
        for await (const fetched of archive.segments(generation, [part], stop)) {
          stop.throwIfAborted();
          const { data, entry } = fetched;
          progress(entry.size);
          if (data === null) {
            missing += 1;
          } else if (entry.sequence > 0 || !begun) {
            begun = true;
            const video = SOURCES[track.source].video && entry.sequence > 0;
            const whole = video ? lasting(data, followed(generation, track, entry.sequence)) : data;
            if (!fetched.whole) missing += 1;
            bytes += whole.length;
            await sink.write(whole);
          }
        }
      }
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return { bytes, missing };
}

/** How much there is of a track, sealed: nearly what the copy takes. */
export function sizeOf(generations: readonly OpenedGeneration[], name: string): number {
  return generations
    .flatMap((generation) => generation.tracks.get(name)?.entries ?? [])
    .reduce((sum, entry) => sum + entry.size, 0);
}

function* batches(track: ClosedTrack): Generator<Part, void> {
  let first = 0;
  let size = 0;
  for (const [index, entry] of track.entries.entries()) {
    size += entry.size;
    const last = index === track.entries.length - 1;
    if (size >= BATCH_BYTES || index - first + 1 >= BATCH_SEGMENTS || last) {
      yield { track, first, last: index };
      first = index + 1;
      size = 0;
    }
  }
}

/** Collect into files of a bounded size, handed over by `save`; each begins with the header. */
export class PartSink implements Sink {
  readonly #save: (part: Blob, number: number, last: boolean) => void;
  readonly #most: number;
  #header: Bytes | null = null;
  #parts: Bytes[] = [];
  #size = 0;
  #number = 1;

  constructor(
    save: (part: Blob, number: number, last: boolean) => void,
    most: number = PART_BYTES,
  ) {
    this.#save = save;
    this.#most = most;
  }

  write(data: Bytes): Promise<void> {
    if (this.#header === null) {
      this.#header = data;
    } else if (this.#size + data.length > this.#most && this.#size > this.#header.length) {
      this.#flush(false);
    }
    if (this.#parts.length === 0 && data !== this.#header) this.#add(this.#header);
    this.#add(data);
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#parts.length > 0) this.#flush(true);
    return Promise.resolve();
  }

  abort(): Promise<void> {
    this.#parts = [];
    return Promise.resolve();
  }

  #add(data: Bytes): void {
    this.#parts.push(data);
    this.#size += data.length;
  }

  #flush(last: boolean): void {
    this.#save(new Blob(this.#parts, { type: "video/webm" }), this.#number, last);
    this.#number += 1;
    this.#parts = [];
    this.#size = 0;
  }
}

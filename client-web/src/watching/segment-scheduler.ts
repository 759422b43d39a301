// Segment scheduler: which segments of one track are needed next, and in which order they may be given
// to the browser.
//
//   aim ──► locating ──found──► flowing ──last of the generation──► (aim at the next generation)
//             └── sound needs no key frame
//
// Media Source Extensions drop everything between a header and the next key frame. So a track is
// begun with the header of its generation, once, and a segment with a key frame at or before the wanted
// time; those are ten seconds apart where the sender does as it was asked, and a slide more where it
// sends slides. All that may be needed is asked for at once, the latest first: whoever fetches stops
// where nothing of it is wanted any more. Pure: what is fetched is handed in, what may be appended is handed out.

import type { Bytes } from "../crypto/bytes";
import type { OpenedGeneration } from "./archive";
import type { ClosedTrack } from "./closing";
import { Stills } from "./stills";
import { keyFrames, LASTS_MS, lasting } from "./webm";

/** How far back a key frame is looked for; where there is none the picture comes later. */
export const BACK_MS = 20_000;
/** Sound begins with as much as lets it play on until more has come. */
const AT_LEAST_MS = 1_000;

export interface Range {
  readonly first: number;
  readonly last: number;
}

export class SegmentScheduler {
  readonly name: string;
  readonly video: boolean;
  /** Nothing more comes of the track in this generation: it was deleted. */
  gone = false;

  #generation: OpenedGeneration | null = null;
  #track: ClosedTrack | null = null;
  #next = 0;
  /** `begin` holds the wanted time, `at`; a key frame is looked for from `begin` back to `low`. */
  #locating: { low: number; high: number; begin: number; at: number } | null = null;
  #held = new Map<number, Bytes | null>();
  /** Of each generation that the track was begun in: a few hundred bytes. */
  readonly #headers = new Map<number, Bytes>();
  #stills = new Stills();

  constructor(name: string, video: boolean) {
    this.name = name;
    this.video = video;
  }

  get generation(): OpenedGeneration | null {
    return this.#generation;
  }

  /** Whether all of the generation has been handed out. */
  get done(): boolean {
    return this.#track === null || this.gone || this.#next >= this.#track.entries.length;
  }

  /** Meeting time up to which the track has been handed out, where that is in its generation. */
  get through(): number {
    if (this.#track === null || this.#locating !== null) return 0;
    return this.#track.entries[this.#next - 1]?.end ?? 0;
  }

  /** Whether the track has anything at this time in its generation. */
  covers(at: number): boolean {
    if (this.#track === null || this.gone) return false;
    return this.#track.entries.some(
      (entry, sequence) => sequence > 0 && entry.start <= at && at < this.#until(sequence),
    );
  }

  /** Until when there is something of a segment: its last picture stays up until the next comes. */
  #until(sequence: number): number {
    const end = this.#track?.entries[sequence]?.end ?? 0;
    if (!this.video || this.#generation === null || this.#track === null) return end;
    const next = Math.max(end, followed(this.#generation, this.#track, sequence));
    return next - end > LASTS_MS ? end : next;
  }

  /** Begin at a time of a generation, wherever it was before. */
  aim(generation: OpenedGeneration, at: number): void {
    this.forget();
    const track = generation.tracks.get(this.name);
    this.#generation = generation;
    this.#track = track ?? null;
    if (track === undefined) return;
    const { entries } = track;
    this.#next = entries.length;
    if (entries.length < 2) return;
    let begin = entries.length;
    // The last one that begins by then; sequence 0 is the header, and has no time of its own.
    while (begin > 1 && (entries[begin - 1]?.start ?? 0) > at) begin -= 1;
    begin = Math.max(1, begin - 1);
    let low = begin;
    if (this.video) {
      while (low > 1 && at - (entries[low]?.start ?? 0) <= BACK_MS) low -= 1;
    }
    const short = (entries[begin]?.end ?? 0) - at < AT_LEAST_MS;
    const high = short && begin + 1 < entries.length ? begin + 1 : begin;
    this.#locating = { low, high, begin, at };
    this.#next = low;
  }

  /** Go on with the next generation, from its beginning. */
  follow(generation: OpenedGeneration): void {
    this.aim(generation, 0);
  }

  forget(): void {
    this.gone = false;
    this.#generation = null;
    this.#track = null;
    this.#locating = null;
    this.#held.clear();
    this.#next = 0;
  }

  get track(): ClosedTrack | null {
    return this.#track;
  }

  /** What to fetch now, so that it is there `until` a time; in the order in which to take it. */
  wants(until: number, most: number): Range[] {
    const track = this.#track;
    if (track === null || this.gone) return [];
    if (this.#locating !== null) return this.#sought(this.#locating);
    let last = this.#next - 1;
    while (
      last + 1 < track.entries.length &&
      last + 1 - this.#next < most &&
      (track.entries[last + 1]?.start ?? Infinity) < until
    ) {
      last += 1;
    }
    return last >= this.#next ? [{ first: this.#next, last }] : [];
  }

  /** What is still to be looked at: the header, what holds the wanted time, and backwards from it. */
  #sought({ begin, high, low }: { low: number; high: number; begin: number }): Range[] {
    const ranges: Range[] = [];
    if (this.#header() === null) ranges.push({ first: 0, last: 0 });
    for (let each = begin; each <= high; each += 1) {
      if (this.#held.has(each)) continue;
      const last = ranges.at(-1);
      if (last?.last === each - 1 && each > 1) ranges[ranges.length - 1] = { ...last, last: each };
      else ranges.push({ first: each, last: each });
    }
    for (let each = begin - 1; each >= low; each -= 1) {
      if (!this.#held.has(each)) ranges.push({ first: each, last: each });
    }
    return ranges;
  }

  /** Whether a segment that was asked for is still of use. */
  needs(sequence: number): boolean {
    if (this.#track === null || this.gone) return false;
    if (sequence === 0) return this.#locating !== null && this.#header() === null;
    return this.#locating === null ? sequence >= this.#next : !this.#held.has(sequence);
  }

  /** Take what was fetched; return what may be appended now, in order. Null: it is not there. */
  take(sequence: number, data: Bytes | null): Bytes[] {
    if (this.#track === null || this.#generation === null) return [];
    if (sequence === 0) {
      // Without its header nothing of a track can be played.
      if (data === null) this.gone = true;
      else this.#headers.set(this.#generation.number, data);
      return this.#located();
    }
    if (this.#locating !== null) {
      this.#held.set(sequence, data);
      return this.#located();
    }
    if (sequence !== this.#next) return [];
    this.#next += 1;
    return data === null ? [] : [this.#given(sequence, data)];
  }

  #header(): Bytes | null {
    return this.#headers.get(this.#generation?.number ?? 0) ?? null;
  }

  #located(): Bytes[] {
    const looking = this.#locating;
    const header = this.#header();
    if (looking === null || header === null) return [];
    for (let each = looking.begin; each <= looking.high; each += 1) {
      if (!this.#held.has(each)) return [];
    }
    const first = this.video ? this.#keyed(looking.begin, looking.low, looking.at) : looking.begin;
    if (first === null) return [];
    const ready = [header];
    this.#stills = new Stills();
    for (let each = first; each <= looking.high; each += 1) {
      const data = this.#held.get(each);
      if (data !== null && data !== undefined) ready.push(this.#given(each, data));
    }
    this.#next = looking.high + 1;
    this.#locating = null;
    this.#held.clear();
    return ready;
  }

  #given(sequence: number, data: Bytes): Bytes {
    if (!this.video || this.#generation === null || this.#track === null) return data;
    return this.#stills.fill(lasting(data, followed(this.#generation, this.#track, sequence)));
  }

  /**
   * The last segment with a key frame by then (of one that is the first of all, any will do), as far
   * as what is held goes back without a hole; where there is none at all, the one to begin with.
   */
  #keyed(begin: number, low: number, at: number): number | null {
    for (let each = begin; each >= low; each -= 1) {
      const data = this.#held.get(each);
      if (data === undefined) return null;
      if (data === null) continue;
      const frames = keyFrames(data);
      if (frames.some((time) => time <= at) || (each === 1 && frames.length > 0)) return each;
    }
    return begin;
  }
}

/** When what follows a segment of a track begins; where nothing does, the end of the generation. */
export function followed(
  generation: OpenedGeneration,
  track: ClosedTrack,
  sequence: number,
): number {
  return track.entries[sequence + 1]?.start ?? generation.end;
}

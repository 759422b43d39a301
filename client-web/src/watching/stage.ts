// The tracks that are on, each with an element of its own, kept to one moment.
//
// A little off, an element plays a little faster or slower; far ahead, it waits; far behind, it jumps,
// to where the clock will be once it has arrived, for that takes as long as decoding from the last
// key frame does.

import { type ReadonlySignal, signal } from "@preact/signals";

import { type Source, SOURCES } from "../signalling/tracks";
import type { OpenedGeneration } from "./archive";
import { SegmentScheduler } from "./segment-scheduler";
import { type Codec, MediaBuffer } from "./media-buffer";
import { Mixer } from "./mixer";
import type { Heard, PlayClock } from "./play-clock";

/** Off by less is nothing that anybody notices. */
const STEADY_MS = 30;
const JUMP_MS = 220;
const CATCH_UP = 0.06;
/** An element that jumps all the time plays nothing. */
const JUMP_AGAIN_MS = 1_000;
/**
 * A browser that has not arrived by then may be waiting for what never comes, and is sent again to
 * where the clock is by then. Seen in Chromium 156: it does not arrive just before the beginning of
 * what it has (of sound 50 ms, of pictures 100 ms), for that is what landing() is for; nor where less
 * than a few pictures (stills.ts), or a fifth of a second of sound, come after that place, until more
 * is there; and sometimes not where there is enough of everything, why is not known. What it shows
 * meanwhile is what it has shown before.
 */
const STUCK_MS = 3_000;
/** To where it is being sent already, a browser is not sent again. */
const NUDGE_MS = 1;
/** An element that the browser has given up is built anew, so often and no sooner again. */
const MOST_REBUILT = 3;
const REBUILD_AGAIN_MS = 2_000;
/** What has gone well for so long may fail as often again. */
const FORGIVEN_MS = 60_000;
/** Ahead by no more than this, it is waited for the clock. */
const AHEAD_MS = 2_000;

/** A track as it is shown. */
export interface PlayedTrack {
  readonly name: string;
  readonly person: string;
  readonly source: Source;
  readonly element: HTMLMediaElement;
}

export interface Track extends PlayedTrack {
  readonly scheduler: SegmentScheduler;
  readonly buffer: MediaBuffer;
  /** When it last jumped, and how long that took; by the machine's clock. */
  jumped: number;
  took: number;
  /** How often it was built anew, and when last; by the machine's clock. */
  readonly rebuilt: number;
  readonly rebuiltAt: number;
}

type Named = Omit<PlayedTrack, "element">;

/** What a browser gives; a test has others. */
export interface Makers {
  /** `seconds` is the length of what is played. */
  buffer(codec: Codec, seconds: number): MediaBuffer;
  mixer(): Pick<Mixer, "add" | "setVolume" | "resume" | "close">;
}

export const browserMakers: Makers = {
  buffer: (codec, seconds) => new MediaBuffer(codec, seconds),
  mixer: () => new Mixer(),
};

export class Stage {
  readonly tracks = new Map<string, Track>();
  readonly shown: ReadonlySignal<readonly PlayedTrack[]>;
  /** Tracks that show or sound at this moment. */
  readonly live: ReadonlySignal<ReadonlySet<string>>;
  readonly mixer: ReturnType<Makers["mixer"]>;
  readonly #shown = signal<readonly PlayedTrack[]>([]);
  readonly #live = signal<ReadonlySet<string>>(new Set());
  readonly #makers: Makers;
  readonly #clock: PlayClock;
  readonly #wanted: (name: string, generation: number) => boolean;
  readonly #changed: () => void;
  #seconds = 0;

  /** `changed` is called when an element or its buffer has done what it was to do. */
  constructor(
    makers: Makers,
    clock: PlayClock,
    wanted: (name: string, generation: number) => boolean,
    changed: () => void,
  ) {
    this.#makers = makers;
    this.#clock = clock;
    this.#wanted = wanted;
    this.#changed = changed;
    this.mixer = makers.mixer();
    this.shown = this.#shown;
    this.live = this.#live;
  }

  close(): void {
    for (const track of this.tracks.values()) track.buffer.close();
    this.tracks.clear();
    this.mixer.close();
    this.#shown.value = [];
  }

  /** See to it that every track of the generation that is wanted has an element, and is aimed. */
  cast(generation: OpenedGeneration, at: number, next: number | null, seconds: number): void {
    let changed = false;
    this.#seconds = seconds;
    for (const [name, { buffer }] of this.tracks) {
      if (!this.#wanted(name, generation.number)) {
        buffer.close();
        this.tracks.delete(name);
        this.#clock.forget(name);
        changed = true;
      }
    }
    for (const closed of generation.tracks.values()) {
      if (!this.#wanted(closed.name, generation.number)) continue;
      let track = this.tracks.get(closed.name);
      if (track === undefined) {
        track = this.#make(closed, 0, -Infinity);
        changed = true;
      }
      // Fed from here, or with what follows already: it was here a moment ago, and goes on.
      const fed = track.scheduler.generation?.number ?? null;
      if (fed === null || (fed !== generation.number && fed !== next))
        track.scheduler.aim(generation, at);
    }
    if (changed) this.#shown.value = [...this.tracks.values()];
  }

  #make({ name, person, source }: Named, rebuilt: number, rebuiltAt: number): Track {
    const { video } = SOURCES[source];
    const buffer = this.#makers.buffer(video ? "vp8" : "opus", this.#seconds);
    if (!video) this.mixer.add(person, buffer.element);
    const track: Track = {
      ...{ name, person, source, buffer, rebuilt, rebuiltAt },
      element: buffer.element,
      scheduler: new SegmentScheduler(name, video),
      jumped: -Infinity,
      took: 0,
    };
    this.#listen(track);
    this.tracks.set(name, track);
    return track;
  }

  /** Begin anew, from `at`, what the browser has given up; a bounded number of times. */
  #rebuild(track: Track, at: number, now: number): void {
    const since = now - track.rebuiltAt;
    const often = since > FORGIVEN_MS ? 0 : track.rebuilt;
    if (often >= MOST_REBUILT || since < REBUILD_AGAIN_MS) return;
    const { generation } = track.scheduler;
    track.buffer.close();
    this.#clock.forget(track.name);
    const anew = this.#make(track, often + 1, now);
    if (generation !== null) anew.scheduler.aim(generation, at);
    this.#shown.value = [...this.tracks.values()];
    this.#changed();
  }

  /** What has all of this generation goes on with the next. */
  castNext(generation: OpenedGeneration, later: OpenedGeneration): void {
    for (const { scheduler } of this.tracks.values()) {
      if (scheduler.generation === generation && scheduler.done && later.tracks.has(scheduler.name))
        scheduler.follow(later);
    }
  }

  /** Have every track begin anew where it has nothing at that time. */
  jump(at: number, generation: number | null): void {
    for (const track of this.tracks.values()) {
      const { buffer, scheduler } = track;
      track.jumped = -Infinity;
      // What is there and is being gone on with stays.
      const goesOn =
        buffer.reach(at / 1000) !== null &&
        scheduler.generation?.number === generation &&
        scheduler.through >= at;
      if (!goesOn) {
        scheduler.forget();
        void buffer.clear();
      }
    }
  }

  /** Whether a track of the generation has its element, or needs none. */
  ready(name: string, generation: number): boolean {
    const track = this.tracks.get(name);
    return track !== undefined
      ? track.scheduler.generation !== null
      : !this.#wanted(name, generation);
  }

  /** Whether a track is to be waited for: what it has at `at` is on its way to be played. */
  isComing(track: Track, generation: OpenedGeneration, at: number): boolean {
    const { buffer, element, scheduler } = track;
    if (scheduler.generation !== generation || !scheduler.covers(at) || buffer.failed) return false;
    // What was all handed in and is not there is a gap, and does not come any more.
    if (buffer.reach(at / 1000) === null) return scheduler.through <= at || buffer.busy;
    const off = Math.abs(element.currentTime * 1000 - at) > JUMP_MS;
    return element.paused && (off || element.seeking || element.readyState < 2);
  }

  sounds(): Heard[] {
    return [...this.tracks.values()]
      .filter((track) => leads(track))
      .map(({ element, name }) => ({ name, at: element.currentTime * 1000 }));
  }

  evict(before: number): void {
    for (const { buffer } of this.tracks.values()) buffer.evict(before / 1000);
  }

  /** Keep every element at meeting time `at`; `now` is the machine's time, both in milliseconds. */
  follow(at: number, going: boolean, speed: number, now: number): void {
    const live = new Set<string>();
    let led = false;
    for (const track of [...this.tracks.values()]) {
      const { buffer, element } = track;
      if (buffer.failed) {
        this.#rebuild(track, at, now);
        continue;
      }
      const there = buffer.reach(at / 1000) !== null;
      if (there) live.add(track.name);
      const off = element.currentTime * 1000 - at;
      if (!there || !going) {
        if (!element.paused) element.pause();
        // Also where it is on its way for ever: while all stands still, nothing else sends it again.
        const late = element.seeking && now - track.jumped >= STUCK_MS;
        if (there && !going && (late || Math.abs(off) > STEADY_MS)) {
          this.#move(track, late ? at + NUDGE_MS : at, now, true);
        }
        continue;
      }
      if (off > JUMP_MS && off < AHEAD_MS && !element.seeking) {
        if (!element.paused) element.pause();
        continue;
      }
      if (Math.abs(off) > JUMP_MS) {
        const ahead = at + Math.min(track.took, AHEAD_MS / 2) * speed;
        this.#move(track, buffer.reach(ahead / 1000) === null ? at : ahead, now, false);
      }
      const isLead: boolean = !led && leads(track) && this.#clock.trusts(track.name);
      led ||= isLead;
      // The one that sets the clock is never corrected by it.
      const correction =
        isLead || Math.abs(off) < STEADY_MS
          ? 0
          : Math.max(-CATCH_UP, Math.min(CATCH_UP, -off / 1000));
      const rate = speed * (1 + correction);
      if (Math.abs(element.playbackRate - rate) > 0.005) element.playbackRate = rate;
      if (element.paused) void element.play().catch(() => undefined);
    }
    const before = this.#live.peek();
    if (live.size !== before.size || [...live].some((name) => !before.has(name))) {
      this.#live.value = live;
    }
  }

  #move(track: Track, to: number, now: number, still: boolean): void {
    const { buffer, element } = track;
    // Not while it is on its way; unless that is to where there is nothing any more, or takes for ever.
    const arrives = now - track.jumped < STUCK_MS && buffer.reach(element.currentTime) !== null;
    if (element.seeking && arrives) return;
    if (!still && now - track.jumped < JUMP_AGAIN_MS) return;
    track.jumped = now;
    this.#clock.moved(track.name);
    element.currentTime = buffer.landing(to / 1000);
  }

  #listen(track: Track): void {
    let began = 0;
    track.element.addEventListener("seeking", () => {
      began = performance.now();
    });
    track.element.addEventListener("seeked", () => {
      track.took = performance.now() - began;
    });
    for (const event of ["seeked", "canplay", "playing", "error"]) {
      track.element.addEventListener(event, this.#changed);
    }
  }
}

function leads({ element, scheduler }: Track): boolean {
  return !scheduler.video && !element.paused && !element.seeking && element.readyState >= 3;
}

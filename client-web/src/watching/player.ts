// Plays a recording: all tracks on one timeline, from what the archive opens.
//
// Theory of operation. Each track has an element of its own, so that a camera that was off or a
// packet that was lost stalls nobody else. One clock says what is to be seen and heard; while it
// runs it is set by the first sound that plays (the browser's audio clock), and goes by the machine's
// where there is no sound. Everything else follows it: a little off, an element plays a little faster
// or slower; far off, it jumps. Ten times a second a turn is taken: clock, elements, what to fetch.
//
// What is fetched is bounded: so many seconds ahead, so many bytes at once, one request at a time;
// and so is what is kept behind.

import { type ReadonlySignal, signal } from "@preact/signals";

import { Refused } from "../api/errors";
import { CryptoError } from "../crypto/errors";
import { type Archive, Destroyed, type OpenedEpoch } from "./archive";
import { Feed } from "./feed";
import { nextBatch } from "./fetching";
import { MediaBuffer } from "./media-buffer";
import { Mixer } from "./mixer";
import { Timeline } from "./timeline";

const TURN_MS = 100;
/** Meeting time that is fetched ahead, and kept behind. */
const AHEAD_MS = 20_000;
const BEHIND_MS = 15_000;
/** Sound is waited for; pictures only so long. */
const PICTURES_MS = 2_500;
/** Off by less is nothing that anybody notices. */
const STEADY_MS = 30;
const JUMP_MS = 220;
const CATCH_UP = 0.06;
const RETRY_MS = 2_000;

export type Trouble = "unreachable" | "untrue" | "destroyed" | "unplayable";

/** A track as it is shown. */
export interface Shown {
  readonly name: string;
  readonly person: string;
  readonly source: string;
  readonly element: HTMLMediaElement;
}

interface Track extends Shown {
  readonly feed: Feed;
  readonly buffer: MediaBuffer;
}

export class Player {
  /** Meeting time. */
  readonly position: ReadonlySignal<number>;
  readonly playing: ReadonlySignal<boolean>;
  readonly waiting: ReadonlySignal<boolean>;
  readonly ended: ReadonlySignal<boolean>;
  readonly trouble: ReadonlySignal<Trouble | null>;
  /** Segments that did not fit what is signed, and were left out. */
  readonly damaged: ReadonlySignal<number>;
  readonly tracks: ReadonlySignal<readonly Shown[]>;
  /** Tracks that show or sound at this moment. */
  readonly live: ReadonlySignal<ReadonlySet<string>>;
  readonly timeline: ReadonlySignal<Timeline>;
  readonly speed = signal(1);

  readonly #position = signal(0);
  readonly #playing = signal(false);
  readonly #waiting = signal(true);
  readonly #ended = signal(false);
  readonly #trouble = signal<Trouble | null>(null);
  readonly #damaged = signal(0);
  readonly #shown = signal<readonly Shown[]>([]);
  readonly #live = signal<ReadonlySet<string>>(new Set());
  readonly #timeline: { value: Timeline };
  readonly #archive: Archive;
  readonly #tracks = new Map<string, Track>();
  readonly #mixer = new Mixer();
  readonly #opened = new Map<number, OpenedEpoch>();
  #pictures: ReadonlySet<string> | null = null;
  #timer = 0;
  #turned = 0;
  #waitingSince = 0;
  #stop = new AbortController();
  #wake: (() => void) | null = null;
  readonly #life = new AbortController();

  constructor(archive: Archive) {
    this.#archive = archive;
    const stretches = archive.outline.epochs
      .filter((one) => one.length !== null)
      .map((one) => ({
        epoch: one.epoch,
        start: one.offset,
        end: one.offset + (one.length ?? 0),
      }));
    const timeline = signal(new Timeline(stretches));
    this.#timeline = timeline;
    this.timeline = timeline;
    this.#position.value = timeline.value.stretches[0]?.start ?? 0;
    this.position = this.#position;
    this.playing = this.#playing;
    this.waiting = this.#waiting;
    this.ended = this.#ended;
    this.trouble = this.#trouble;
    this.damaged = this.#damaged;
    this.tracks = this.#shown;
    this.live = this.#live;
  }

  start(): void {
    this.#waitingSince = performance.now();
    this.#turned = performance.now();
    this.#timer = window.setInterval(() => {
      this.#turn();
    }, TURN_MS);
    void this.#fetchForEver();
  }

  close(): void {
    this.#life.abort();
    clearInterval(this.#timer);
    this.#stop.abort();
    this.#wake?.();
    for (const track of this.#tracks.values()) track.buffer.close();
    this.#tracks.clear();
    this.#mixer.close();
    this.#shown.value = [];
  }

  play(): void {
    if (this.#ended.value) this.seek(0);
    this.#mixer.resume();
    this.#playing.value = true;
    this.#turn();
  }

  pause(): void {
    this.#playing.value = false;
    this.#turn();
  }

  /** Go to a watch time. */
  seek(watch: number): void {
    const timeline = this.#timeline.value;
    const at = timeline.toMeeting(Math.min(Math.max(0, watch), timeline.length));
    this.#position.value = at;
    this.#ended.value = false;
    this.#jump(at);
    this.#turn();
  }

  setSpeed(speed: number): void {
    this.speed.value = speed;
  }

  /** From 0 to 1. */
  setVolume(person: string, volume: number): void {
    this.#mixer.setVolume(person, volume);
  }

  /** Whose pictures are looked at; null for everybody's. Others' are not fetched. */
  show(people: ReadonlySet<string> | null): void {
    this.#pictures = people;
    this.#wake?.();
  }

  /** Every epoch's documents, for the whole picture; as they come. */
  async openAll(each: (epoch: OpenedEpoch) => void): Promise<void> {
    for (const { epoch } of this.#timeline.value.stretches) {
      const opened = await this.#open(epoch);
      if (this.#life.signal.aborted) return;
      each(opened);
    }
  }

  // The turn.

  #turn(): void {
    if (this.#life.signal.aborted) return;
    const now = performance.now();
    const passed = now - this.#turned;
    this.#turned = now;
    const going = this.#playing.value && !this.#waiting.value;
    if (going) this.#advance(passed);
    this.#wait(now);
    this.#follow(this.#playing.value && !this.#waiting.value);
    for (const track of this.#tracks.values()) {
      track.buffer.evict((this.#position.peek() - BEHIND_MS) / 1000);
    }
    this.#wake?.();
  }

  #advance(passed: number): void {
    const master = [...this.#tracks.values()].find((track) => this.#leads(track));
    let at = this.#position.value + passed * this.speed.value;
    if (master !== undefined) {
      const heard = master.element.currentTime * 1000;
      if (Math.abs(heard - at) < JUMP_MS + TURN_MS) at = heard;
    }
    const timeline = this.#timeline.value;
    const stretch = timeline.at(this.#position.value);
    if (stretch !== null && at >= stretch.end) {
      const next = timeline.after(stretch);
      if (next === null) {
        this.#position.value = stretch.end;
        this.#playing.value = false;
        this.#ended.value = true;
        return;
      }
      at = next.start;
    }
    this.#position.value = at;
  }

  #leads({ element, feed }: Track): boolean {
    return !feed.video && !element.paused && !element.seeking && element.readyState >= 3;
  }

  /** Whether to wait for what is on its way. */
  #wait(now: number): void {
    const at = this.#position.value;
    const stretch = this.#timeline.value.at(at);
    const epoch = stretch === null ? undefined : this.#opened.get(stretch.epoch);
    let missing = stretch !== null && epoch === undefined;
    for (const track of this.#tracks.values()) {
      if (epoch === undefined || track.feed.epoch !== epoch) continue;
      if (!track.feed.covers(at) || track.buffer.failed) continue;
      if (track.buffer.reach(at / 1000) !== null) continue;
      const patient = now - this.#waitingSince < PICTURES_MS;
      if (!track.feed.video || (this.#waiting.value && patient)) missing = true;
    }
    if (
      epoch !== undefined &&
      ![...epoch.tracks.keys()].every((name) => this.#ready(name, epoch.number))
    ) {
      missing = true;
    }
    if (missing && !this.#waiting.value) this.#waitingSince = now;
    this.#waiting.value = missing;
  }

  /** Whether a track of the epoch has its element, or needs none. */
  #ready(name: string, epoch: number): boolean {
    const track = this.#tracks.get(name);
    return track !== undefined ? track.feed.epoch !== null : !this.#isWanted(name, epoch);
  }

  #follow(going: boolean): void {
    const at = this.#position.value;
    const live = new Set<string>();
    let led = false;
    for (const track of this.#tracks.values()) {
      const { buffer, element } = track;
      const there = buffer.reach(at / 1000) !== null;
      if (there) live.add(track.name);
      const off = element.currentTime * 1000 - at;
      if (!there || !going) {
        if (!element.paused) element.pause();
        if (there && !going && Math.abs(off) > STEADY_MS && mayJump(track)) {
          element.currentTime = at / 1000;
        }
        continue;
      }
      if (Math.abs(off) > JUMP_MS && mayJump(track)) element.currentTime = at / 1000;
      const leads: boolean = !led && this.#leads(track);
      led ||= leads;
      // The one that sets the clock is never corrected by it.
      const correction =
        leads || Math.abs(off) < STEADY_MS
          ? 0
          : Math.max(-CATCH_UP, Math.min(CATCH_UP, -off / 1000));
      const rate = this.speed.value * (1 + correction);
      if (Math.abs(element.playbackRate - rate) > 0.005) element.playbackRate = rate;
      if (element.paused) void element.play().catch(() => undefined);
    }
    const before = this.#live.peek();
    if (live.size !== before.size || [...live].some((name) => !before.has(name))) {
      this.#live.value = live;
    }
  }

  // Fetching.

  /** Have every track begin anew where it has nothing at that time. */
  #jump(at: number): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#waitingSince = performance.now();
    const stretch = this.#timeline.value.at(at);
    for (const { buffer, feed } of this.#tracks.values()) {
      const end = buffer.reach(at / 1000);
      // What is there and is being gone on with stays.
      const goesOn = end !== null && feed.epoch?.number === stretch?.epoch && feed.through >= at;
      if (!goesOn) {
        feed.forget();
        void buffer.clear();
      }
    }
  }

  async #fetchForEver(): Promise<void> {
    while (!this.#life.signal.aborted) {
      try {
        const busy = await this.#fetch(this.#stop.signal);
        if (this.#trouble.peek() === "unreachable") this.#trouble.value = null;
        if (!busy) await this.#sleep();
      } catch (error) {
        if (this.#stop.signal.aborted || (error as Error).name === "AbortError") continue;
        const trouble = troubleOf(error);
        this.#trouble.value = trouble;
        // Only what may be otherwise in a moment is tried again.
        if (trouble !== "unreachable") return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  /** Fetch what is needed next; false where that is nothing. */
  async #fetch(stop: AbortSignal): Promise<boolean> {
    const at = this.#position.peek();
    const stretch = this.#timeline.value.at(at);
    if (stretch === null) return false;
    const epoch = await this.#open(stretch.epoch);
    stop.throwIfAborted();
    this.#cast(epoch, at, this.#timeline.value.after(stretch)?.epoch ?? null);
    if (await this.#fetchFrom(epoch, at + AHEAD_MS, stop)) return true;
    // Everything of this one is there; the next is prepared while this one plays.
    const next = this.#timeline.value.after(stretch);
    if (next === null || at + AHEAD_MS < stretch.end) return false;
    const later = await this.#open(next.epoch);
    stop.throwIfAborted();
    this.#castNext(epoch, later);
    return this.#fetchFrom(later, next.start + AHEAD_MS - (stretch.end - at), stop);
  }

  async #fetchFrom(epoch: OpenedEpoch, until: number, stop: AbortSignal): Promise<boolean> {
    const feeds = [...this.#tracks.values()].map((track) => track.feed);
    const batch = nextBatch(epoch, feeds, until);
    if (batch.length === 0) return false;
    const given: Promise<void>[] = [];
    for await (const fetched of this.#archive.segments(epoch, batch, stop)) {
      stop.throwIfAborted();
      if (fetched.data === null && fetched.why === "damaged") this.#damaged.value += 1;
      const track = this.#tracks.get(fetched.track.name);
      if (track?.feed.epoch !== epoch) continue;
      const keepFrom = (this.#position.peek() - BEHIND_MS) / 1000;
      for (const data of track.feed.take(fetched.entry.sequence, fetched.data)) {
        given.push(track.buffer.append(data, keepFrom));
      }
    }
    // What one track's decoder cannot read is missing there, and stops nobody else.
    await Promise.allSettled(given);
    return true;
  }

  async #open(number: number): Promise<OpenedEpoch> {
    const opened = await this.#archive.epoch(number);
    if (!this.#opened.has(number)) {
      this.#opened.set(number, opened);
      this.#settle(opened);
    }
    return opened;
  }

  /** What the outline had said of an epoch is replaced by what is signed. */
  #settle(opened: OpenedEpoch): void {
    if (opened.end <= opened.start) return;
    const stretches = this.#timeline.value.stretches.map(
      (one): { epoch: number; start: number; end: number } =>
        one.epoch === opened.number
          ? { epoch: one.epoch, start: opened.start, end: opened.end }
          : one,
    );
    const before = this.#position.peek();
    this.#timeline.value = new Timeline(stretches);
    // Whoever is in it stays in it.
    const stretch = this.#timeline.value.at(before);
    if (stretch !== null && before < stretch.start) this.#position.value = stretch.start;
  }

  /** See to it that every track of the epoch that is wanted has an element, and is aimed. */
  #cast(epoch: OpenedEpoch, at: number, next: number | null): void {
    let changed = false;
    for (const [name, { buffer }] of this.#tracks) {
      if (!this.#isWanted(name, epoch.number)) {
        buffer.close();
        this.#tracks.delete(name);
        changed = true;
      }
    }
    for (const closed of epoch.tracks.values()) {
      if (!this.#isWanted(closed.name, epoch.number)) continue;
      let track = this.#tracks.get(closed.name);
      if (track === undefined) {
        const video = !isSound(closed.source);
        const end = this.#timeline.value.stretches.at(-1)?.end ?? 0;
        const buffer = new MediaBuffer(video ? "vp8" : "opus", end / 1000 + 60);
        if (!video) this.#mixer.add(closed.person, buffer.element);
        track = {
          name: closed.name,
          person: closed.person,
          source: closed.source,
          element: buffer.element,
          feed: new Feed(closed.name, video),
          buffer,
        };
        this.#tracks.set(closed.name, track);
        changed = true;
      }
      // Fed from here, or with what follows already: it was here a moment ago, and goes on.
      const fed = track.feed.epoch?.number ?? null;
      if (fed === null || (fed !== epoch.number && fed !== next)) track.feed.aim(epoch, at);
    }
    if (changed) this.#shown.value = [...this.#tracks.values()];
  }

  #castNext(epoch: OpenedEpoch, later: OpenedEpoch): void {
    for (const { feed } of this.#tracks.values()) {
      if (feed.epoch === epoch && feed.done && later.tracks.has(feed.name)) feed.follow(later);
    }
  }

  /** Whether a track is to be played: looked at, and not to be deleted at the person's wish. */
  #isWanted(name: string, epoch: number): boolean {
    const [person = "", source] = name.split(".");
    const deleted = this.#archive.outline.deleted.some(
      (one) => one.person === person && epoch <= (one.through_epoch ?? Infinity),
    );
    if (deleted) return false;
    return isSound(source) || this.#pictures === null || this.#pictures.has(person);
  }
}

function isSound(source: string | undefined): boolean {
  return source === "microphone" || source === "screen-audio" || source === "device-microphone";
}

/** Not while it is on its way; unless that is to where there is nothing any more. */
function mayJump({ buffer, element }: Track): boolean {
  return !element.seeking || buffer.reach(element.currentTime) === null;
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Destroyed) return "destroyed";
  if (error instanceof CryptoError) return "untrue";
  if (error instanceof Refused) return "unreachable";
  return "unplayable";
}

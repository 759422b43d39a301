// Plays a recording: all tracks on one timeline, from what the archive opens.
//
// Theory of operation. Each track has an element of its own (stage.ts), so that a camera that was off
// or a packet that was lost stalls nobody else. One clock says what is to be seen and heard
// (play-clock.ts), and everything else follows it. What is needed is fetched ahead of it, bounded
// (fetch-loop.ts). A turn is taken ten times a second, and whenever something has arrived or is ready:
// clock, whom to wait for, elements, what to fetch.

import { type ReadonlySignal, signal } from "@preact/signals";

import { SOURCES } from "../signalling/tracks";
import type { Archive, OpenedGeneration } from "./archive";
import { isSource } from "./closing";
import { PlayClock } from "./play-clock";
import { browserMakers, type Makers, type PlayedTrack, Stage } from "./stage";
import { BEHIND_MS, FetchLoop, type Trouble } from "./fetch-loop";
import { Timeline } from "./timeline";

export type { PlayedTrack } from "./stage";

const TURN_MS = 100;
/** Sound is waited for; pictures only so long. */
const PICTURES_MS = 2_500;

export class Player {
  /** Meeting time. */
  readonly position: ReadonlySignal<number>;
  readonly playing: ReadonlySignal<boolean>;
  readonly waiting: ReadonlySignal<boolean>;
  readonly ended: ReadonlySignal<boolean>;
  readonly trouble: ReadonlySignal<Trouble | null>;
  /** Segments that did not fit what is signed, and were left out. */
  readonly damaged: ReadonlySignal<number>;
  readonly tracks: ReadonlySignal<readonly PlayedTrack[]>;
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
  readonly #timeline: { value: Timeline };
  readonly #archive: Archive;
  readonly #clock = new PlayClock();
  readonly #stage: Stage;
  readonly #fetchLoop: FetchLoop;
  #pictures: ReadonlySet<string> | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #turned = 0;
  #waitingSince = 0;
  #turning = false;
  #closed = false;

  constructor(archive: Archive, makers: Makers = browserMakers) {
    this.#archive = archive;
    const stretches = archive.outline.generations
      .filter((one) => one.length !== null)
      .map((one) => ({
        number: one.number,
        start: one.offset,
        end: one.offset + (one.length ?? 0),
      }));
    const timeline = signal(new Timeline(stretches));
    this.#timeline = timeline;
    this.timeline = timeline;
    this.#stage = new Stage(
      makers,
      this.#clock,
      (name, generation) => this.#isWanted(name, generation),
      this.#turnSoon,
    );
    this.#fetchLoop = new FetchLoop(archive, this.#stage, {
      position: () => this.#position.peek(),
      timeline: () => timeline.peek(),
      onOpened: (generation) => {
        this.#settle(generation);
      },
      onDamaged: () => {
        this.#damaged.value += 1;
      },
      onTrouble: (trouble) => {
        this.#trouble.value = trouble;
      },
      onArrived: this.#turnSoon,
    });
    this.#position.value = timeline.value.stretches[0]?.start ?? 0;
    this.position = this.#position;
    this.playing = this.#playing;
    this.waiting = this.#waiting;
    this.ended = this.#ended;
    this.trouble = this.#trouble;
    this.damaged = this.#damaged;
    this.tracks = this.#stage.shown;
    this.live = this.#stage.live;
  }

  start(): void {
    this.#waitingSince = performance.now();
    this.#turned = performance.now();
    this.#timer = setInterval(() => {
      this.#turn();
    }, TURN_MS);
    this.#fetchLoop.begin();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#fetchLoop.close();
    this.#stage.close();
  }

  play(): void {
    if (this.#ended.value) this.seek(0);
    this.#stage.mixer.resume();
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
    this.#waitingSince = performance.now();
    this.#stage.jump(at, timeline.at(at)?.number ?? null);
    this.#fetchLoop.begin();
    this.#turn();
  }

  setSpeed(speed: number): void {
    this.speed.value = speed;
  }

  /** From 0 to 1. */
  setVolume(person: string, volume: number): void {
    this.#stage.mixer.setVolume(person, volume);
  }

  /** Whose pictures are looked at; null for everybody's. Others' are not fetched. */
  show(people: ReadonlySet<string> | null): void {
    this.#pictures = people;
    this.#fetchLoop.wake();
  }

  /** Every generation's documents, for the whole picture; as they come. */
  async openAll(each: (generation: OpenedGeneration) => void): Promise<void> {
    for (const { number } of this.#timeline.value.stretches) {
      const opened = await this.#fetchLoop.open(number);
      if (this.#closed) return;
      each(opened);
    }
  }

  /** Take a turn once whoever says so has finished; many of them make one. */
  readonly #turnSoon = (): void => {
    if (this.#turning) return;
    this.#turning = true;
    queueMicrotask(() => {
      this.#turning = false;
      this.#turn();
    });
  };

  #turn(): void {
    if (this.#closed) return;
    const now = performance.now();
    const passed = now - this.#turned;
    this.#turned = now;
    if (this.#playing.value && !this.#waiting.value) this.#advance(passed);
    this.#wait(now);
    const going = this.#playing.value && !this.#waiting.value;
    this.#stage.follow(this.#position.value, going, this.speed.peek(), now);
    this.#stage.evict(this.#position.peek() - BEHIND_MS);
    this.#fetchLoop.wake();
  }

  #advance(passed: number): void {
    const before = this.#position.value;
    let at = this.#clock.advance(before, passed, this.speed.value, this.#stage.sounds());
    // A browser may have put the way out to sleep, as some do on a call.
    if (this.#clock.stalled) this.#stage.mixer.resume();
    const timeline = this.#timeline.value;
    const stretch = timeline.at(before);
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

  /** Whether to wait for what is on its way. */
  #wait(now: number): void {
    const at = this.#position.value;
    const stretch = this.#timeline.value.at(at);
    const generation = stretch === null ? null : this.#fetchLoop.opened(stretch.number);
    let missing = stretch !== null && generation === null;
    const patient = now - this.#waitingSince < PICTURES_MS;
    if (generation !== null) {
      for (const track of this.#stage.tracks.values()) {
        if (!this.#stage.isComing(track, generation, at)) continue;
        // A sound that takes long to be ready, though it is there, is a device's matter.
        const there = track.buffer.reach(at / 1000) !== null;
        const must = !track.scheduler.video && !there;
        if (must || (this.#waiting.value && patient)) missing = true;
      }
      if (
        ![...generation.tracks.keys()].every((name) => this.#stage.ready(name, generation.number))
      ) {
        missing = true;
      }
    }
    if (missing && !this.#waiting.value) this.#waitingSince = now;
    this.#waiting.value = missing;
  }

  /** What the outline had said of a generation is replaced by what is signed. */
  #settle(opened: OpenedGeneration): void {
    if (opened.end <= opened.start) return;
    const stretches = this.#timeline.value.stretches.map(
      (one): { number: number; start: number; end: number } =>
        one.number === opened.number
          ? { number: one.number, start: opened.start, end: opened.end }
          : one,
    );
    const before = this.#position.peek();
    this.#timeline.value = new Timeline(stretches);
    // Whoever is in it stays in it.
    const stretch = this.#timeline.value.at(before);
    if (stretch !== null && before < stretch.start) this.#position.value = stretch.start;
  }

  /** Whether a track is to be played: looked at, and not to be deleted at the person's wish. */
  #isWanted(name: string, generation: number): boolean {
    const [person = "", source = ""] = name.split(".");
    const deleted = this.#archive.outline.deleted.some(
      (one) => one.person === person && generation <= (one.through_generation ?? Infinity),
    );
    if (deleted) return false;
    const isSound = isSource(source) && !SOURCES[source].video;
    return isSound || this.#pictures === null || this.#pictures.has(person);
  }
}

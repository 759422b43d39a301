// Fetch loop: fetches what is played next: one request at a time, bounded ahead; anew after each jump.
//
// A jump does not wait for what was under way: that is cut off, and its late answers come to a run
// that has ended and touch nothing.

import { Refused } from "../api/errors";
import { CryptoError } from "../crypto/errors";
import { type Archive, Destroyed, type OpenedGeneration } from "./archive";
import { nextBatch } from "./fetching";
import type { Stage } from "./stage";
import type { Timeline } from "./timeline";

/** Meeting time that is fetched ahead, and kept behind. */
const AHEAD_MS = 20_000;
export const BEHIND_MS = 15_000;
const RETRY_MS = 2_000;
/** Less than this is read to its end rather than cut off, for a connection costs more. */
const CUT_BYTES = 256 * 1024;

export type Trouble = "unreachable" | "untrue" | "destroyed" | "unplayable";

/** Whom it serves. */
export interface Consumer {
  /** Meeting time. */
  position(): number;
  timeline(): Timeline;
  onOpened(generation: OpenedGeneration): void;
  /** A segment was not what is signed. */
  onDamaged(): void;
  /** Null: what there was is over. */
  onTrouble(trouble: Trouble | null): void;
  /** Something has arrived. */
  onArrived(): void;
}

export class FetchLoop {
  readonly #archive: Archive;
  readonly #stage: Stage;
  readonly #consumer: Consumer;
  readonly #opened = new Map<number, OpenedGeneration>();
  #run = new AbortController();
  #wake: (() => void) | null = null;

  constructor(archive: Archive, stage: Stage, consumer: Consumer) {
    this.#archive = archive;
    this.#stage = stage;
    this.#consumer = consumer;
  }

  /** Begin at the consumer's position, whatever was under way. */
  begin(): void {
    this.close();
    this.#run = new AbortController();
    void this.#fetchForEver(this.#run.signal);
  }

  close(): void {
    this.#run.abort();
    this.wake();
  }

  /** There may be something to fetch. */
  wake(): void {
    this.#wake?.();
  }

  /** The generation, where it has been opened. */
  opened(generation: number): OpenedGeneration | null {
    return this.#opened.get(generation) ?? null;
  }

  async open(number: number): Promise<OpenedGeneration> {
    const opened = await this.#archive.generation(number);
    if (!this.#opened.has(number)) {
      this.#opened.set(number, opened);
      this.#consumer.onOpened(opened);
    }
    return opened;
  }

  async #fetchForEver(stop: AbortSignal): Promise<void> {
    let failed = false;
    const isOver = (): boolean => stop.aborted;
    while (!isOver()) {
      try {
        const busy = await this.#fetch(stop);
        if (failed) this.#consumer.onTrouble(null);
        failed = false;
        if (!busy) await this.#sleep(stop);
      } catch (error) {
        if (isOver()) return;
        const trouble = troubleOf(error);
        this.#consumer.onTrouble(trouble);
        // Only what may be otherwise in a moment is tried again.
        if (trouble !== "unreachable") return;
        failed = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #sleep(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (stop.aborted) {
        resolve();
        return;
      }
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  /** Fetch what is needed next; false where that is nothing. */
  async #fetch(stop: AbortSignal): Promise<boolean> {
    const stretch = this.#consumer.timeline().at(this.#consumer.position());
    if (stretch === null) return false;
    const generation = await this.open(stretch.number);
    stop.throwIfAborted();
    const at = this.#consumer.position();
    const timeline = this.#consumer.timeline();
    const seconds = (timeline.stretches.at(-1)?.end ?? 0) / 1000 + 60;
    const next = timeline.after(stretch);
    this.#stage.cast(generation, at, next?.number ?? null, seconds);
    if (await this.#fetchFrom(generation, at + AHEAD_MS, stop)) return true;
    // Everything of this one is there; the next is prepared while this one plays.
    if (next === null || at + AHEAD_MS < stretch.end) return false;
    const later = await this.open(next.number);
    stop.throwIfAborted();
    this.#stage.castNext(generation, later);
    return this.#fetchFrom(later, next.start + AHEAD_MS - (stretch.end - at), stop);
  }

  async #fetchFrom(
    generation: OpenedGeneration,
    until: number,
    stop: AbortSignal,
  ): Promise<boolean> {
    const schedulers = [...this.#stage.tracks.values()].map((track) => track.scheduler);
    const batch = nextBatch(generation, schedulers, until);
    if (batch.length === 0) return false;
    const row = batch.flatMap(({ first, last, track }) => track.entries.slice(first, last + 1));
    const given: Promise<void>[] = [];
    let taken = 0;
    for await (const fetched of this.#archive.segments(generation, batch, stop)) {
      stop.throwIfAborted();
      taken += 1;
      const damaged = fetched.data === null ? fetched.why === "damaged" : !fetched.whole;
      if (damaged) this.#consumer.onDamaged();
      const track = this.#stage.tracks.get(fetched.track.name);
      if (track?.scheduler.generation !== generation) continue;
      const keepFrom = (this.#consumer.position() - BEHIND_MS) / 1000;
      const ready = track.scheduler.take(fetched.entry.sequence, fetched.data);
      for (const data of ready) {
        const done = track.buffer.append(data, keepFrom);
        // What one track's decoder cannot read is missing there, and stops nobody else.
        given.push(
          done
            .catch(() => undefined)
            .then(() => {
              this.#consumer.onArrived();
            }),
        );
      }
      // What is left was to look for key frames that have been found.
      if (ready.length > 0 && !this.#isNeeded(row.slice(taken))) break;
    }
    await Promise.all(given);
    return true;
  }

  #isNeeded(row: readonly { track: string; sequence: number; size: number }[]): boolean {
    if (row.reduce((sum, one) => sum + one.size, 0) < CUT_BYTES) return true;
    return row.some(
      (one) => this.#stage.tracks.get(one.track)?.scheduler.needs(one.sequence) === true,
    );
  }
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Destroyed) return "destroyed";
  if (error instanceof CryptoError) return "untrue";
  if (error instanceof Refused) return "unreachable";
  return "unplayable";
}

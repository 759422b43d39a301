// Looks again and again whether all that a browser sends has gone through the transforms, by asking
// both. What is said of it is frame-guard.ts's.

import type { FrameGuard, Tally, Verdict } from "./frame-guard";

/** How often is looked where something is not settled, and how often otherwise. */
export const SOON_MS = 100;
export const TURNS = 5;
/** So many times in turn the look before was not over, and the worker is taken to be dead. */
export const OVERDUE = 30;

/** A line as it is looked at. */
export interface Watched {
  readonly guard: FrameGuard;
  readonly isUnsettled: boolean;
  counted(): Promise<ReadonlyMap<number, Tally>>;
  judged(verdict: Verdict): void;
}

export class LineWatch {
  readonly #ask: (look: number) => void;
  readonly #overdue: () => void;
  readonly #lines = new Map<number, Watched>();
  readonly #ticking: ReturnType<typeof setInterval>;
  #look = 0;
  #turn = 0;
  #missed = 0;
  #asked: readonly (readonly [number, Watched])[] | null = null;

  /** `ask` has the worker say what it has seen; `overdue` is called once, when it does not. */
  constructor(ask: (look: number) => void, overdue: () => void) {
    this.#ask = ask;
    this.#overdue = overdue;
    this.#ticking = setInterval(() => {
      this.#tick();
    }, SOON_MS);
  }

  add(transform: number, line: Watched): void {
    this.#lines.set(transform, line);
  }

  delete(transform: number): void {
    this.#lines.delete(transform);
  }

  /** Look now, if no look is under way. */
  soon(): void {
    if (this.#asked === null) void this.#begin();
  }

  /** Take the worker's answer. */
  counted(look: number, tallies: ReadonlyMap<number, Tally>): void {
    if (this.#asked === null || look !== this.#look) return;
    const asked = this.#asked;
    this.#asked = null;
    this.#missed = 0;
    for (const [transform, line] of asked) {
      // What is over meanwhile is not asked for any more.
      if (this.#lines.get(transform) !== line) continue;
      line.judged(line.guard.seen(tallies.get(transform) ?? null));
    }
  }

  end(): void {
    clearInterval(this.#ticking);
    this.#lines.clear();
    this.#asked = null;
  }

  #tick(): void {
    this.#turn += 1;
    if (this.#asked !== null) {
      this.#missed += 1;
      if (this.#missed >= OVERDUE) this.#overdue();
      return;
    }
    const unsettled = [...this.#lines.values()].some((line) => line.isUnsettled);
    if (unsettled || this.#turn % TURNS === 0) void this.#begin();
  }

  /** Take the browser's counts, and only then ask: what it has counted the worker has seen by then. */
  async #begin(): Promise<void> {
    const asked = [...this.#lines];
    if (asked.length === 0) return;
    this.#asked = asked;
    this.#look += 1;
    const look = this.#look;
    await Promise.all(
      asked.map(async ([, line]) => {
        line.guard.sent(await line.counted());
      }),
    );
    if (this.#asked === asked) this.#ask(look);
  }
}

// Asks again and again, so that a page shows what is so now. One question at a time: a server that is
// slow is not asked twice meanwhile, and an answer to an older question is thrown away.

import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { asRefused, type Refused } from "../../api/errors";

export class Poller<Answer> {
  readonly #answer = signal<Answer | null>(null);
  readonly #refusal = signal<Refused | null>(null);
  readonly #ask: () => Promise<Answer>;
  readonly #everyMs: number;
  /** How many questions there were, and how many of them are not answered yet. */
  #asked = 0;
  #waiting = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** `before` is shown until there is an answer. */
  constructor(ask: () => Promise<Answer>, everyMs: number, before: Answer | null = null) {
    this.#answer.value = before;
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  /** What was answered last; it stays while the server cannot be reached. */
  get answer(): ReadonlySignal<Answer | null> {
    return this.#answer;
  }

  /** Why there is nothing newer, null where there is. */
  get refusal(): ReadonlySignal<Refused | null> {
    return this.#refusal;
  }

  /** `isSeen`: nobody is asked for what nobody looks at. */
  start(isSeen: () => boolean): void {
    void this.again();
    this.#timer = setInterval(() => {
      if (this.#waiting === 0 && isSeen()) void this.again();
    }, this.#everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#asked += 1; // what is still on its way belongs to nobody
  }

  /** Ask now: something was done that changes the answer. */
  async again(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    this.#waiting += 1;
    try {
      const answer = await this.#ask();
      if (mine !== this.#asked) return;
      this.#answer.value = answer;
      this.#refusal.value = null;
    } catch (error) {
      const refusal = asRefused(error);
      if (mine === this.#asked) this.#refusal.value = refusal;
    } finally {
      this.#waiting -= 1;
    }
  }
}

/**
 * One that runs while the component is there; `key` says what is asked for. What was shown stays
 * until another question is answered, so that nobody loses their place on the page.
 */
export function usePoller<Answer>(
  ask: () => Promise<Answer>,
  everyMs: number,
  key: string,
): Poller<Answer> {
  const last = useRef<Poller<Answer> | null>(null);
  const poller = useMemo(
    () => new Poller(ask, everyMs, last.current?.answer.peek() ?? null),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the question
    [key, everyMs],
  );
  useEffect(() => {
    last.current = poller;
    poller.start(() => document.visibilityState === "visible");
    return () => {
      poller.stop();
    };
  }, [poller]);
  return poller;
}

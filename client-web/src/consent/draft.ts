// What a person has picked but not yet sent, for the purposes that can be answered now.

import { type ReadonlySignal, signal } from "@preact/signals";

import type { Wish } from "../crypto/statement";
import { type Purpose, said } from "../crypto/will";

export type Pick = "yes" | "no" | null;

export class Draft {
  readonly recording: ReadonlySignal<Pick>;
  readonly training: ReadonlySignal<Pick>;

  readonly #recording = signal<Pick>(null);
  readonly #training = signal<Pick>(null);

  constructor() {
    this.recording = this.#recording;
    this.training = this.#training;
  }

  pick(purpose: Purpose, pick: Pick): void {
    (purpose === "recording" ? this.#recording : this.#training).value = pick;
  }

  /** Whether training may be answered with yes, given what is or will be the answer to recording. */
  allowsTraining(before: Wish): boolean {
    return (this.#recording.value ?? (before.recording === "yes" ? "yes" : null)) === "yes";
  }

  /** The whole will that follows from what was said before and what is picked now. */
  wish(before: Wish): Wish {
    const recording = apply(before.recording, this.#recording.value);
    const training = apply(before.training, this.#training.value);
    // Without a yes to recording there is none to training: the pick is dropped, never sent.
    if (training === "yes" && recording !== "yes") {
      return { recording, training: before.training === "yes" ? "withdrawn" : before.training };
    }
    return { recording, training };
  }

  /** Whether anything would change by sending it. */
  changes(before: Wish): boolean {
    const after = this.wish(before);
    return after.recording !== before.recording || after.training !== before.training;
  }

  clear(): void {
    this.#recording.value = null;
    this.#training.value = null;
  }
}

function apply(before: Wish["recording"], pick: Pick): Wish["recording"] {
  return pick === null ? before : said(before, pick);
}

export const NOTHING_SAID: Wish = { recording: "unanswered", training: "unanswered" };

/** What withdrawing one purpose makes of a whole will. */
export function withdraw(before: Wish, purpose: Purpose): Wish {
  const training = before.training === "yes" ? "withdrawn" : before.training;
  return purpose === "training" ? { ...before, training } : { recording: "withdrawn", training };
}

// Which stream numbers a page has handed out, in each generation. It belongs to the page's main thread
// and outlives workers: one that was begun anew gets other numbers than the one before.

import { StreamNumbers } from "./frame-counter";

/** Generations in which streams can still be asked for; frames of older ones are sent by nobody. */
const KEPT = 16;

export class StreamBook {
  readonly #numbers = new Map<number, StreamNumbers>();
  #forgotten = 0;

  /** A number that nobody has had in this generation; null where all are used up. */
  take(generation: number): number | null {
    if (generation <= this.#forgotten) return null;
    let numbers = this.#numbers.get(generation);
    if (numbers === undefined) {
      numbers = new StreamNumbers();
      this.#numbers.set(generation, numbers);
      this.#forget();
    }
    try {
      return numbers.take();
    } catch {
      return null;
    }
  }

  /** What was forgotten is never begun anew. */
  #forget(): void {
    const known = [...this.#numbers.keys()].sort((one, other) => one - other);
    for (const generation of known.slice(0, -KEPT)) {
      this.#numbers.delete(generation);
      this.#forgotten = generation;
    }
  }
}

// How long to wait before trying again: doubling from 250 ms to 2 s or more, a little apart for all,
// so that a server that comes back is not met by all its people in one instant.

const FIRST = 250;
const MOST = 2000;
const SPREAD = 0.2;

export class Backoff {
  #next = FIRST;
  readonly #random: () => number;
  readonly #most: number;

  constructor(random: () => number = Math.random, most = MOST) {
    this.#random = random;
    this.#most = most;
  }

  /** Milliseconds to wait now; each time about twice as long. */
  next(): number {
    const wait = this.#next * (1 - SPREAD * this.#random());
    this.#next = Math.min(this.#most, this.#next * 2);
    return wait;
  }

  reset(): void {
    this.#next = FIRST;
  }
}

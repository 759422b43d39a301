// Counters and stream numbers, which never repeat: "(generation, person, page, source, stream, CTR)
// MUST NOT repeat". Neither can be set back, stored or cloned; what begins anew has another stream.

import { counterOf, LAYERS, MAX_COUNT, STREAMS } from "./frame-key";

/**
 * The counter of one transform. For each layer it goes up by one, through slots and generations, so
 * that a gap means loss.
 */
export class FrameCounter {
  // A private field: structuredClone and JSON leave it behind, so that no copy can go on with it.
  readonly #next = new Array<number>(LAYERS).fill(0);

  /** The counter (CTR) of the next frame of a layer, once. */
  take(layer = 0): bigint {
    const count = this.#next[layer];
    if (count === undefined) throw new RangeError("there is no such layer");
    if (count > MAX_COUNT) throw new RangeError("the counter is used up");
    this.#next[layer] = count + 1;
    return counterOf(layer, count);
  }
}

/**
 * The stream numbers of a page in one generation, each for one transform. The page's main thread has
 * them; where they are used up a new generation has to come first.
 */
export class StreamNumbers {
  #next = 0;

  take(): number {
    if (this.#next >= STREAMS) throw new RangeError("all streams of this generation are used up");
    this.#next += 1;
    return this.#next - 1;
  }
}

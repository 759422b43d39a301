// What a transform does with the frames of one sender: it encrypts each, or does not send it. Knows
// nothing of browsers; frame-worker.ts does.

import { type Bytes, encode, equal } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";
import { type FrameCodec, sealFrame } from "./frame-cipher";
import { FrameCounter } from "./frame-counter";
import type { Sender } from "./frame-key";
import type { GenerationRing, KnownGeneration, Of } from "./generation-ring";
import { makeRed, MAX_REDUNDANT_BYTES, parseRed, type RedBlock } from "./red-payload";
import { sendingTime } from "./slot-clock";

/** Frames of sound that are kept, to be sent again as they were. */
const KEPT_FRAMES = 32;

/** A frame as an encoder makes it. */
export interface Encoded {
  readonly data: Bytes;
  readonly codec: FrameCodec;
  /** Whether it is a payload of several frames (RFC 2198). */
  readonly red: boolean;
  readonly layer: number;
  /** RTP's; by it a redundant block is known again. */
  readonly timestamp: number;
}

/** One transform's: it has a counter of its own, and in each generation a stream of its own. */
export class FrameSender {
  readonly #ring: GenerationRing;
  readonly #page: Bytes;
  readonly #of: Of;
  readonly #counter = new FrameCounter();
  readonly #streams = new Map<number, number>();
  readonly #kept = new Map<number, Bytes>();
  #keptOf: KnownGeneration | null = null;

  constructor(ring: GenerationRing, sender: Sender) {
    this.#ring = ring;
    this.#page = sender.page;
    this.#of = { id: encode(sender.person), person: sender.person, source: sender.source };
  }

  /** Take the stream number that the page's main thread has given, once for each generation. */
  give(generation: number, stream: number): void {
    if (this.#streams.has(generation)) throw new RangeError("it has a stream in this generation");
    this.#streams.set(generation, stream);
    const known = new Set([...this.#ring.numbers, generation]);
    for (const one of this.#streams.keys()) if (!known.has(one)) this.#streams.delete(one);
  }

  /**
   * Encrypt a frame; null: it is not sent. Frames of one sender are given one after the other, each
   * when the one before is done.
   */
  async seal(frame: Encoded): Promise<Bytes | null> {
    const generation = this.#ring.sending();
    if (this.#keptOf !== generation) {
      // What was sent under another is not sent once more: that one may be over for good reason.
      this.#kept.clear();
      this.#keptOf = generation;
    }
    if (generation === null) return null;
    try {
      const sealed = frame.red
        ? await this.#sealRed(generation, frame)
        : await this.#sealOne(generation, frame, frame.data);
      // It may have been stopped meanwhile.
      return this.#ring.sending() === generation ? sealed : null;
    } catch (error) {
      if (error instanceof FormatError || error instanceof RangeError) return null;
      throw error;
    }
  }

  async #sealRed(generation: KnownGeneration, frame: Encoded): Promise<Bytes | null> {
    const blocks = parseRed(frame.data);
    const newest = blocks.at(-1);
    if (newest === undefined) return null;
    const sealed = await this.#sealOne(generation, frame, newest.data);
    if (sealed === null) return null;
    const again = blocks.slice(0, -1).flatMap((block): RedBlock[] => {
      const data = this.#kept.get((frame.timestamp - block.offset) >>> 0);
      return data === undefined || data.length > MAX_REDUNDANT_BYTES ? [] : [{ ...block, data }];
    });
    this.#keep(frame.timestamp, sealed);
    return makeRed([...again, { ...newest, data: sealed }]);
  }

  async #sealOne(generation: KnownGeneration, frame: Encoded, data: Bytes): Promise<Bytes | null> {
    const time = sendingTime(this.#ring.elapsed(generation), generation.recorded);
    const stream = this.#streams.get(generation.number);
    if (time === null || stream === undefined) return null;
    // Another page of this person may be in instead: its streams are not ours to use.
    const page = generation.pageOf(this.#of.id);
    if (page === null || !equal(page, this.#page)) return null;
    const key = await generation.key(this.#of, time.slot, stream);
    if (key === null) return null;
    return await sealFrame(key, this.#counter.take(frame.layer), frame.codec, time.ms, data);
  }

  #keep(timestamp: number, sealed: Bytes): void {
    this.#kept.set(timestamp >>> 0, sealed);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_FRAMES) break;
      this.#kept.delete(oldest);
    }
  }
}

// What a transform does with the frames that come for one receiver: it opens each, or drops it without
// a word to the decoder. Knows nothing of browsers; frame-worker.ts does.

import { type Bytes, encode } from "../crypto/bytes";
import { CryptoError, FormatError } from "../crypto/errors";
import type { Source } from "../signalling/tracks";
import type { DropCode } from "./drop-counts";
import { type FrameCodec, openFrame, parseFrame, type SealedFrame } from "./frame-cipher";
import type { GenerationRing, Of } from "./generation-ring";
import { makeRed, parseRed, type RedBlock } from "./red-payload";
import { isInTime } from "./slot-clock";

/** So long frames of a generation that is not known yet are held, and so many. */
export const HOLD_MS = 500;
export const HOLD_FRAMES = 256;

/** A frame as it came; `pass` gives what is in it to the decoder. */
export interface Arrived {
  readonly data: Bytes;
  readonly codec: FrameCodec;
  /** Whether it is a payload of several frames (RFC 2198). */
  readonly red: boolean;
  readonly pass: (opened: Bytes) => void;
}

interface Held {
  readonly frame: Arrived;
  readonly until: number;
}

/** What became of a frame or a block. */
type Outcome = { readonly opened: Bytes } | { readonly dropped: DropCode } | "later";

/** One transform's; whose frames it opens it is told anew whenever that changes. */
export class FrameReceiver {
  readonly #ring: GenerationRing;
  readonly #clock: () => number;
  readonly #dropped: (of: Of, code: DropCode) => void;
  #of: Of | null = null;
  #turn: Promise<void> = Promise.resolve();
  #held: Held[] = [];

  constructor(
    ring: GenerationRing,
    clock: () => number,
    dropped: (of: Of, code: DropCode) => void,
  ) {
    this.#ring = ring;
    this.#clock = clock;
    this.#dropped = dropped;
  }

  /** From now on frames are this one's; null: nobody's. What is held of the former is dropped. */
  assign(of: { readonly person: Bytes; readonly source: Source } | null): void {
    this.#of = of === null ? null : { ...of, id: encode(of.person) };
    this.#held = [];
  }

  /** Take a frame; resolves when it was passed, held or dropped. They are passed in their order. */
  take(frame: Arrived): Promise<void> {
    return this.#afterOthers(() => this.#handle(frame, this.#clock() + HOLD_MS));
  }

  /** Look at what is held again: a generation was added, or time has passed. */
  release(): Promise<void> {
    return this.#afterOthers(async () => {
      const held = this.#held;
      this.#held = [];
      for (const { frame, until } of held) await this.#handle(frame, until);
    });
  }

  #afterOthers(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work, work);
    return this.#turn;
  }

  async #handle(frame: Arrived, until: number): Promise<void> {
    const of = this.#of;
    if (of === null) return;
    const outcome = await (frame.red ? this.#openRed(of, frame) : this.#openOne(of, frame));
    // Told anew meanwhile: it is not to be played as another's.
    if (this.#of !== of) return;
    if (outcome === "later") {
      if (this.#held.length < HOLD_FRAMES && this.#clock() < until) {
        this.#held.push({ frame, until });
      } else {
        this.#dropped(of, "unknown-generation");
      }
    } else if ("dropped" in outcome) {
      this.#dropped(of, outcome.dropped);
    } else {
      frame.pass(outcome.opened);
    }
  }

  async #openOne(of: Of, { codec, data }: Pick<Arrived, "codec" | "data">): Promise<Outcome> {
    let sealed: SealedFrame;
    try {
      sealed = parseFrame(codec, data);
    } catch (error) {
      return dropped(error, "bad-frame");
    }
    const generation = this.#ring.taking(sealed.number.key.generation);
    if (generation === "later") return "later";
    if (generation === null) return { dropped: "unknown-generation" };
    const { slot, stream } = sealed.number.key;
    if (!isInTime(slot, this.#ring.elapsed(generation), generation.recorded)) {
      return { dropped: "out-of-time" };
    }
    const layer = { stream, layer: sealed.number.layer };
    const { count } = sealed.number;
    if (generation.refuses(of, layer, count)) return { dropped: "repeated" };
    try {
      const key = await generation.key(of, slot, stream);
      if (key === null) return { dropped: "does-not-open" };
      const { frame } = await openFrame(key, sealed);
      if (!generation.admit(of, layer, count)) return { dropped: "repeated" };
      this.#ring.played(generation.number);
      return { opened: frame };
    } catch (error) {
      // Of what opens, only the time can be wrong.
      if (error instanceof FormatError) return { dropped: "out-of-time" };
      return dropped(error, "does-not-open");
    }
  }

  /**
   * Open what of a payload has not come before, and make a payload of it again. The time of a payload
   * is its newest block's, so that without that one there is none.
   */
  async #openRed(of: Of, { codec, data }: Arrived): Promise<Outcome> {
    let blocks: RedBlock[];
    try {
      blocks = parseRed(data);
    } catch (error) {
      return dropped(error, "bad-frame");
    }
    const newest = blocks.at(-1);
    if (newest === undefined) return { dropped: "bad-frame" };
    const outcome = await this.#openOne(of, { codec, data: newest.data });
    if (outcome === "later" || "dropped" in outcome) return outcome;
    const fresh: RedBlock[] = [];
    for (const block of blocks.slice(0, -1)) {
      const again = await this.#openOne(of, { codec, data: block.data });
      if (again !== "later" && "opened" in again) fresh.push({ ...block, data: again.opened });
    }
    return { opened: makeRed([...fresh, { ...newest, data: outcome.opened }]) };
  }
}

function dropped(error: unknown, code: DropCode): Outcome {
  if (error instanceof CryptoError || error instanceof RangeError) return { dropped: code };
  throw error;
}

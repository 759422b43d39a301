// One track of a recorded generation of a relayed meeting, as whoever may watch it opens it: the outer
// seal of each segment, then each frame in it (FORMAT-2.md, sections 10, 11 and 14).

import { type Bytes, concat } from "../crypto/bytes";
import { CryptoError, FormatError, GenerationError, SealError } from "../crypto/errors";
import { type FrameCodec, openFrame, parseFrame, type SealedFrame } from "../e2ee/frame-cipher";
import { frameKey, type KeyId, type Sender, SLOT_MS } from "../e2ee/frame-key";
import { NOBODY } from "../e2ee/generation";
import type { GenerationHeader } from "../e2ee/generation-header";
import type { SframeKey } from "../e2ee/sframe";
import { type Entry, parseTrack } from "./closing";
import { readClusters, type StoredBlock, writeCluster } from "./clusters";
import { outerTrackKey, unsealSegment } from "./generation-segment";

/** Why a frame is left out. */
export type LeftOut =
  | "bad-frame"
  | "unknown-generation"
  | "out-of-time"
  | "slot-left-out"
  | "does-not-open"
  | "repeated"
  | "no-key-frame";

/** What there is of a segment. */
export interface OpenedSegment {
  /** The header of the track, or its clusters; of no length where every frame is left out. */
  readonly data: Bytes;
  /** Whether all frames are what was recorded; those that can only follow others do not count. */
  readonly whole: boolean;
}

/** Whoever makes up streams makes work, and takes no memory. */
const MOST_KEYS = 512;

export class GenerationTrack {
  readonly leftOut = new Map<LeftOut, number>();
  readonly #header: GenerationHeader;
  readonly #offset: number;
  readonly #sender: Sender;
  readonly #trackKey: Bytes;
  readonly #slots: ReadonlyMap<number, Bytes>;
  readonly #keys = new Map<number, Promise<SframeKey> | null>();
  /** Which segment a count of a stream and layer was found in first. */
  readonly #seen = new Map<number, number>();
  /** Of the segments that were opened, whether what follows needs a key frame. */
  readonly #wantsKey = new Map<number, boolean>();
  #codec: FrameCodec | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  /** `outer` is O, `slots` the S_i there are: frames of others are left out. */
  constructor(
    header: GenerationHeader,
    name: string,
    outer: Bytes,
    slots: ReadonlyMap<number, Bytes>,
  ) {
    if (header.recorded === null || header.committer !== null) {
      // What a reader of pages' frames has to look at is not carried out yet.
      throw new GenerationError("bad-document", "it is no recording of a relayed meeting");
    }
    const { id, source } = parseTrack(name);
    this.#header = header;
    this.#offset = header.recorded.offset;
    this.#sender = { person: id, page: NOBODY, source };
    this.#trackKey = outerTrackKey(outer, header.digest, name);
    this.#slots = slots;
  }

  /**
   * The clusters of a segment, with each frame as its sender's encoder had made it. A segment may be
   * opened again, and in any order; where the one before was not opened, pictures up to the first key
   * frame are what the caller does without.
   */
  open(data: Bytes, entry: Entry): Promise<OpenedSegment> {
    // One after the other, however many are asked for at once: each goes on from the one before.
    const opening = this.#turn.then(() => this.#open(data, entry));
    this.#turn = opening.catch(() => undefined);
    return opening;
  }

  async #open(data: Bytes, entry: Entry): Promise<OpenedSegment> {
    const { codec, plaintext } = await unsealSegment(data, this.#trackKey, this.#header, entry);
    if (this.#codec !== null && this.#codec !== codec) {
      throw new SealError("it is of another codec than those before it");
    }
    this.#codec = codec;
    if (entry.sequence === 0) return { data: plaintext, whole: true };
    const clusters = readClusters(plaintext);
    const here = new Set<number>();
    let wantsKey = entry.sequence === 1 || (this.#wantsKey.get(entry.sequence - 1) ?? false);
    const opened: Bytes[] = [];
    let whole = true;
    for (const blocks of clusters) {
      const kept: StoredBlock[] = [];
      for (const block of blocks) {
        const frame = await this.#openFrame(block, codec, entry.sequence, here);
        if (typeof frame === "string") {
          this.#count(frame);
          whole = false;
          wantsKey = true;
          continue;
        }
        // "Whether a block is a key frame is told by its clear bytes."
        const key = codec === "opus" || ((frame[0] ?? 1) & 1) === 0;
        if (key) wantsKey = false;
        else if (wantsKey) {
          this.#count("no-key-frame");
          continue;
        }
        kept.push({ ...block, key, frame });
      }
      if (kept.length > 0) opened.push(writeCluster(kept));
    }
    this.#wantsKey.set(entry.sequence, wantsKey);
    return { data: concat(...opened), whole };
  }

  async #openFrame(
    { frame: data, time }: StoredBlock,
    codec: FrameCodec,
    sequence: number,
    here: Set<number>,
  ): Promise<Bytes | LeftOut> {
    let sealed: SealedFrame;
    try {
      sealed = parseFrame(codec, data);
    } catch (error) {
      return leftOut(error, "bad-frame");
    }
    const { count, key: id, layer } = sealed.number;
    if (id.generation !== this.#header.generation) return "unknown-generation";
    const since = time - this.#offset;
    if (Math.floor(since / SLOT_MS) !== id.slot) return "out-of-time";
    const key = await this.#key(id);
    if (key === null) return "slot-left-out";
    let opened: { frame: Bytes; ms: number };
    try {
      opened = await openFrame(key, sealed);
    } catch (error) {
      // Of what opens, only the time can be wrong.
      return leftOut(error, error instanceof FormatError ? "out-of-time" : "does-not-open");
    }
    if (opened.ms !== since % SLOT_MS) return "out-of-time";
    const place = (id.stream * 4 + layer) * 2 ** 30 + count;
    if ((this.#seen.get(place) ?? sequence) !== sequence || here.has(place)) return "repeated";
    this.#seen.set(place, sequence);
    here.add(place);
    return opened.frame;
  }

  async #key(id: KeyId): Promise<SframeKey | null> {
    const place = id.slot * 256 + id.stream;
    let key = this.#keys.get(place);
    if (key === undefined) {
      const secret = this.#slots.get(id.slot);
      if (this.#keys.size >= MOST_KEYS) this.#keys.clear();
      key = secret === undefined ? null : frameKey(secret, this.#header.digest, this.#sender, id);
      this.#keys.set(place, key);
    }
    return key;
  }

  #count(reason: LeftOut): void {
    this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + 1);
  }
}

function leftOut(error: unknown, reason: LeftOut): LeftOut {
  if (error instanceof CryptoError) return reason;
  throw error;
}

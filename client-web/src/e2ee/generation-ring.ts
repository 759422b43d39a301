// The generations that a worker has keys of: which of them is sent under, which are taken, and when
// they are forgotten (format 2, section 8).

import type { Bytes } from "../crypto/bytes";
import { type Source, SOURCES } from "../signalling/tracks";
import { frameKey } from "./frame-key";
import { ReplayWindow } from "./replay-window";
import type { SframeKey } from "./sframe";
import { slotSecret } from "./slot-keys";

/** After its acceptance a page sends under a generation at *go*, or after so long. */
export const GO_MS = 500;
/** So long frames of a generation are taken after the next was accepted. */
export const OVER_MS = 2_000;
/** More are not known at once: the oldest are forgotten. */
const MOST = 16;
/** Keys that are kept made: a few slots of each source of fifty people. */
const MOST_KEYS = 1_024;

/** What of an accepted generation a worker needs. */
export interface GenerationKeys {
  readonly number: number;
  readonly recorded: boolean;
  /** H. */
  readonly header: Bytes;
  /** P. */
  readonly place: Bytes;
  /** E; the ring has it as its own, and overwrites it when it is over. */
  readonly secret: Bytes;
  /** The page that each person is in with, by their id as base64url. */
  readonly pages: ReadonlyMap<string, Bytes>;
}

/** What is not to be sent under any more: what is known now, or of it what is recorded. */
export type Stop = "all" | "recorded";

/** Whose frames: `id` is the person as base64url. */
export interface Of {
  readonly id: string;
  readonly person: Bytes;
  readonly source: Source;
}

/** Which window: "of that page, source, stream and layer". */
export interface Layer {
  readonly stream: number;
  readonly layer: number;
}

/** One of them; it makes no keys once it is over, and has none. */
export class KnownGeneration {
  readonly number: number;
  readonly recorded: boolean;
  /** On the ring's clock. */
  readonly acceptedAt: number;
  #keys: GenerationKeys | null;
  readonly #made = new Map<string, Promise<SframeKey>>();
  readonly #windows = new Map<string, ReplayWindow>();

  constructor(keys: GenerationKeys, acceptedAt: number) {
    this.number = keys.number;
    this.recorded = keys.recorded;
    this.acceptedAt = acceptedAt;
    this.#keys = keys;
  }

  pageOf(id: string): Bytes | null {
    return this.#keys?.pages.get(id) ?? null;
  }

  /** A key of a person, of the page that they are in with; null: with none, or it is over. */
  key({ id, person, source }: Of, slot: number, stream: number): Promise<SframeKey> | null {
    const name = `${id} ${source} ${slot} ${stream}`;
    const made = this.#made.get(name);
    if (made !== undefined) return made;
    const page = this.pageOf(id);
    if (this.#keys === null || page === null) return null;
    const secret = slotSecret(this.#keys.secret, this.#keys.place, slot);
    const numbered = { generation: this.number, slot, stream };
    const key = frameKey(secret, this.#keys.header, { person, page, source }, numbered);
    secret.fill(0);
    this.#made.set(name, key);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MOST_KEYS) break;
      this.#made.delete(oldest);
    }
    return key;
  }

  /** Whether a frame came already, or too late; asked before it is opened. */
  refuses(of: Of, layer: Layer, count: number): boolean {
    return this.#windows.get(nameOf(of, layer))?.refuses(count) ?? false;
  }

  /**
   * Whether a frame that has opened may be used, once. Windows are the generation's and no
   * transform's: what came over a connection does not come again over the next.
   */
  admit(of: Of, layer: Layer, count: number): boolean {
    const name = nameOf(of, layer);
    let window = this.#windows.get(name);
    if (window === undefined) {
      window = SOURCES[of.source].video ? ReplayWindow.ofPictures() : ReplayWindow.ofSound();
      this.#windows.set(name, window);
    }
    return window.admit(count);
  }

  forget(): void {
    this.#keys?.secret.fill(0);
    this.#keys = null;
    this.#made.clear();
    this.#windows.clear();
  }
}

function nameOf({ id, source }: Of, { layer, stream }: Layer): string {
  return `${id} ${source} ${stream} ${layer}`;
}

export class GenerationRing {
  /** By number, which only rises. */
  readonly #known = new Map<number, KnownGeneration>();
  readonly #barred = new Set<number>();
  readonly #clock: () => number;
  #newest = 0;
  #gone = 0;
  #played = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The generations that are known now, the oldest first. */
  get numbers(): number[] {
    return [...this.#known.keys()];
  }

  /** Take keys of a generation that was accepted so long ago; there is no way back to an older one. */
  add(keys: GenerationKeys, elapsed = 0): void {
    if (keys.number <= this.#newest) throw new RangeError("generations only rise");
    this.#newest = keys.number;
    this.#known.set(keys.number, new KnownGeneration(keys, this.#clock() - elapsed));
    this.forget();
  }

  /** The server says that this one may be sent under; it may say so before it is accepted here. */
  go(number: number): void {
    this.#gone = Math.max(this.#gone, number);
  }

  /** A frame of this generation was played. */
  played(number: number): void {
    this.#played = Math.max(this.#played, number);
  }

  /** Send under none of what is known now, from this moment on. */
  stop(what: Stop): void {
    for (const one of this.#known.values()) {
      if (what === "all" || one.recorded) this.#barred.add(one.number);
    }
  }

  /** The one that is sent under now; null: nothing is sent. */
  sending(): KnownGeneration | null {
    const now = this.#clock();
    let due: KnownGeneration | null = null;
    for (const one of this.#known.values()) {
      if (one.number <= this.#gone || now - one.acceptedAt >= GO_MS) due = one;
    }
    if (due === null || this.#barred.has(due.number)) return null;
    // What is played now comes out of the loudspeaker, and in at the microphone.
    if (due.recorded && this.#played > due.number) return null;
    return due;
  }

  /** One whose frames are taken; "later": not known yet; null: over. */
  taking(number: number): KnownGeneration | "later" | null {
    this.forget();
    if (number > this.#newest) return "later";
    return this.#known.get(number) ?? null;
  }

  /** How long ago one was accepted. */
  elapsed(one: KnownGeneration): number {
    return this.#clock() - one.acceptedAt;
  }

  /** Forget those that are over; called as often as anything happens, and twice a second. */
  forget(): void {
    const now = this.#clock();
    const known = [...this.#known.values()];
    for (const [at, one] of known.entries()) {
      const next = known[at + 1];
      if (next === undefined) return;
      if (now - next.acceptedAt < OVER_MS && known.length - at <= MOST) continue;
      this.#known.delete(one.number);
      this.#barred.delete(one.number);
      one.forget();
    }
  }
}

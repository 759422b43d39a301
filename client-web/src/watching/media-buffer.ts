// One media element, fed piece by piece through Media Source Extensions; never more than it plays.
//
// A SourceBuffer does one thing at a time, so that everything here goes through one queue.

import type { Bytes } from "../crypto/bytes";

const MIME = {
  opus: 'audio/webm; codecs="opus"',
  vp8: 'video/webm; codecs="vp8"',
} as const;
export type Codec = keyof typeof MIME;

// Two ends this close are no gap: a frame and the next, or sound whose last packet was cut.
const SLACK = 0.12;

interface ManagedSources {
  readonly ManagedMediaSource?: typeof MediaSource;
}

function kind(): typeof MediaSource | undefined {
  // Phones of one maker have only the managed one.
  return (globalThis as ManagedSources).ManagedMediaSource ?? globalThis.MediaSource;
}

/** Whether this browser can play what is recorded. */
export function canPlay(): boolean {
  const source = kind();
  return source !== undefined && Object.values(MIME).every((mime) => source.isTypeSupported(mime));
}

export class MediaBuffer {
  readonly element: HTMLMediaElement;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #codec: Codec;
  readonly #seconds: number;
  #buffer: SourceBuffer | null = null;
  #queue: Promise<void>;
  #closed = false;
  #working = 0;
  #letGo: () => void = () => undefined;

  /** `seconds` is the meeting's length: a browser lets nobody seek beyond the end it knows. */
  constructor(codec: Codec, seconds: number) {
    const source = kind();
    if (source === undefined) throw new Error("asked whether it can play before");
    this.#codec = codec;
    this.#seconds = seconds;
    this.element = document.createElement(codec === "opus" ? "audio" : "video");
    this.element.preservesPitch = true;
    this.element.disableRemotePlayback = true; // a managed source plays on no other condition
    if (this.element instanceof HTMLVideoElement) {
      this.element.playsInline = true;
      this.element.muted = true; // pictures have no sound; muted ones may always play
    }
    this.#source = new source();
    this.#url = URL.createObjectURL(this.#source);
    this.#queue = this.#open();
  }

  /** Something that was handed in has not been taken yet. */
  get busy(): boolean {
    return this.#working > 0;
  }

  /** The browser has given this one up. */
  get failed(): boolean {
    return this.element.error !== null;
  }

  /** Resolves when the browser has taken it; rejects where it cannot. */
  append(data: Bytes, keepFrom: number): Promise<void> {
    return this.#do(async (buffer) => {
      try {
        await settled(buffer, () => {
          buffer.appendBuffer(data);
        });
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
        // It is full sooner than expected: what was played goes first.
        await this.#removeBefore(buffer, keepFrom);
        await settled(buffer, () => {
          buffer.appendBuffer(data);
        });
      }
    });
  }

  /** Forget what was played; `from` is the first second to keep. */
  evict(from: number): void {
    const first = this.#start();
    if (first === null || first >= from - 5) return;
    void this.#do((buffer) => this.#removeBefore(buffer, from));
  }

  /** Forget everything, and whatever is half-read. */
  clear(): Promise<void> {
    return this.#do(async (buffer) => {
      buffer.abort();
      if (buffer.buffered.length > 0) {
        await settled(buffer, () => {
          buffer.remove(0, Infinity);
        });
      }
    });
  }

  /** The end of what is there at `at`, both in seconds; null where nothing is. */
  reach(at: number): number | null {
    const ranges = this.#ranges();
    if (ranges === null) return null;
    let end: number | null = null;
    for (let index = 0; index < ranges.length; index += 1) {
      const start = ranges.start(index);
      if (end !== null && start <= end + SLACK) end = ranges.end(index);
      else if (end === null && start - SLACK <= at && at < ranges.end(index)) {
        end = ranges.end(index);
      }
    }
    return end;
  }

  /**
   * Where to send the element that is wanted at `at`: not before the beginning of what is there, where
   * reach() says that it is near enough, for a browser then waits for what never comes.
   */
  landing(at: number): number {
    const ranges = this.#ranges();
    for (let index = 0; index < (ranges?.length ?? 0); index += 1) {
      const start = ranges?.start(index) ?? 0;
      if (start > at && start - SLACK <= at) return start;
      if (at < (ranges?.end(index) ?? 0)) break;
    }
    return at;
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
    this.element.remove();
    URL.revokeObjectURL(this.#url);
  }

  async #open(): Promise<void> {
    const opened = new Promise<void>((resolve) => {
      this.#letGo = resolve;
      this.#source.addEventListener(
        "sourceopen",
        () => {
          resolve();
        },
        { once: true },
      );
    });
    this.element.src = this.#url;
    await opened;
    if (this.#closed) return;
    const buffer = this.#source.addSourceBuffer(MIME[this.#codec]);
    buffer.mode = "segments";
    this.#source.duration = this.#seconds;
    this.#buffer = buffer;
  }

  #do(work: (buffer: SourceBuffer) => Promise<void>): Promise<void> {
    this.#working += 1;
    const done = this.#queue
      .then(async () => {
        if (this.#closed || this.#buffer === null || this.#source.readyState !== "open") return;
        await work(this.#buffer);
      })
      .finally(() => {
        this.#working -= 1;
      });
    // What fails is told to whoever asked; those that come after do not fail with it.
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #removeBefore(buffer: SourceBuffer, end: number): Promise<void> {
    const first = this.#start();
    if (first === null || end <= first) return;
    await settled(buffer, () => {
      buffer.remove(0, end);
    });
  }

  #start(): number | null {
    const ranges = this.#ranges();
    return ranges === null || ranges.length === 0 ? null : ranges.start(0);
  }

  #ranges(): TimeRanges | null {
    if (this.#closed || this.#buffer === null || this.#source.readyState !== "open") return null;
    return this.#buffer.buffered;
  }
}

function settled(buffer: SourceBuffer, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      buffer.removeEventListener("updateend", end);
      buffer.removeEventListener("error", fail);
      resolve();
    };
    const fail = (): void => {
      buffer.removeEventListener("updateend", end);
      buffer.removeEventListener("error", fail);
      reject(new Error("the browser cannot read the recording"));
    };
    buffer.addEventListener("updateend", end);
    buffer.addEventListener("error", fail);
    try {
      begin();
    } catch (error) {
      buffer.removeEventListener("updateend", end);
      buffer.removeEventListener("error", fail);
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { canPlay, MediaBuffer } from "../../src/watching/media-buffer";

type Range = readonly [start: number, end: number];

/** A piece of a recording, as far as it matters here: from when to when it plays, in seconds. */
function piece(start: number, end: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Float64Array.of(start, end).buffer);
}

const UNREADABLE = new Uint8Array(3);

/** What the specification of Media Source Extensions has a browser do: one thing at a time, later. */
class Sink extends EventTarget {
  mode = "";
  updating = false;
  ranges: Range[] = [];
  quota = Infinity;
  readonly done: string[] = [];
  #under: ReturnType<typeof setTimeout> | undefined;

  get buffered(): TimeRanges {
    const ranges = this.ranges;
    return {
      length: ranges.length,
      start: (index: number) => ranges[index]?.[0] ?? Number.NaN,
      end: (index: number) => ranges[index]?.[1] ?? Number.NaN,
    };
  }

  appendBuffer(data: Uint8Array<ArrayBuffer>): void {
    this.#mustBeFree();
    if (data.length === UNREADABLE.length) {
      this.#later("unreadable", () => {
        this.dispatchEvent(new Event("error"));
      });
      return;
    }
    const [start = 0, end = 0] = new Float64Array(data.buffer);
    const seconds = this.ranges.reduce((sum, [from, to]) => sum + to - from, end - start);
    if (seconds > this.quota) throw new DOMException("it is full", "QuotaExceededError");
    this.#later(`append ${start}`, () => {
      this.ranges.push([start, end]);
    });
  }

  remove(start: number, end: number): void {
    this.#mustBeFree();
    this.#later(`remove ${start} to ${end}`, () => {
      this.ranges = this.ranges
        .map(([from, to]): Range => [from >= start ? Math.max(from, end) : from, to])
        .filter(([from, to]) => from < to);
    });
  }

  abort(): void {
    this.done.push("abort");
    clearTimeout(this.#under);
    this.updating = false;
  }

  #mustBeFree(): void {
    if (this.updating) throw new DOMException("it is busy", "InvalidStateError");
  }

  #later(what: string, work: () => void): void {
    this.updating = true;
    this.#under = setTimeout(() => {
      this.updating = false;
      this.done.push(what);
      work();
      this.dispatchEvent(new Event("updateend"));
    });
  }
}

class Source extends EventTarget {
  static last: Source;
  static isTypeSupported = (type: string): boolean => /codecs="(opus|vp8)"/.test(type);
  readyState = "closed";
  duration = Number.NaN;
  readonly sink = new Sink();
  readonly types: string[] = [];

  constructor() {
    super();
    Source.last = this;
  }

  addSourceBuffer(type: string): Sink {
    this.types.push(type);
    return this.sink;
  }

  open(): void {
    this.readyState = "open";
    this.dispatchEvent(new Event("sourceopen"));
  }
}

class Element {
  preservesPitch = false;
  disableRemotePlayback = false;
  playsInline = false;
  muted = false;
  error: Error | null = null;
  src = "";
  pause = vi.fn();
  load = vi.fn();
  remove = vi.fn();

  removeAttribute(): void {
    this.src = "";
  }
}

class Video extends Element {}

function opened(codec: "opus" | "vp8" = "opus"): { buffer: MediaBuffer; sink: Sink } {
  const buffer = new MediaBuffer(codec, 3600);
  Source.last.open();
  return { buffer, sink: Source.last.sink };
}

describe("a media buffer", () => {
  const revoked: string[] = [];

  beforeEach(() => {
    revoked.length = 0;
    vi.stubGlobal("MediaSource", Source);
    vi.stubGlobal("HTMLVideoElement", Video);
    vi.stubGlobal("document", {
      createElement: (name: string) => (name === "video" ? new Video() : new Element()),
    });
    vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:one");
    vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => revoked.push(url));
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("knows whether the browser can play what is recorded", () => {
    expect(canPlay()).toBe(true);
    vi.stubGlobal("MediaSource", { isTypeSupported: (type: string) => type.includes("opus") });
    expect(canPlay()).toBe(false);
    vi.stubGlobal("MediaSource", undefined);
    expect(canPlay()).toBe(false);
    expect(() => new MediaBuffer("opus", 1)).toThrow("asked whether");
    vi.stubGlobal("ManagedMediaSource", Source);
    expect(canPlay()).toBe(true);
    expect(() => new MediaBuffer("opus", 1)).not.toThrow();
  });

  it("has an element for sound, and one for pictures that may always play", async () => {
    const { buffer: sound, sink } = opened("opus");
    await sound.append(piece(0, 2), 0);
    expect(Source.last.types).toEqual(['audio/webm; codecs="opus"']);
    expect([Source.last.duration, sink.mode]).toEqual([3600, "segments"]);
    expect([sound.element.muted, sound.element.disableRemotePlayback]).toEqual([false, true]);
    const { buffer: pictures } = opened("vp8");
    expect([pictures.element.muted, (pictures.element as HTMLVideoElement).playsInline]).toEqual([
      true,
      true,
    ]);
  });

  it("takes one piece after the other, in order, however many are handed in at once", async () => {
    const buffer = new MediaBuffer("opus", 3600);
    const { sink } = Source.last;
    const all = [0, 2, 4].map((start) => buffer.append(piece(start, start + 2), 0));
    expect(buffer.busy).toBe(true);
    expect(buffer.reach(0)).toBeNull();
    Source.last.open();
    await Promise.all(all);
    expect(sink.done).toEqual(["append 0", "append 2", "append 4"]);
    expect(buffer.busy).toBe(false);
  });

  it("goes on after a piece that cannot be read", async () => {
    const { buffer, sink } = opened();
    const bad = buffer.append(UNREADABLE, 0);
    const good = buffer.append(piece(2, 4), 0);
    await expect(bad).rejects.toThrow("cannot read");
    await good;
    expect(sink.ranges).toEqual([[2, 4]]);
    expect(buffer.busy).toBe(false);
  });

  it("forgets what was played where the browser has no room", async () => {
    const { buffer, sink } = opened();
    sink.quota = 6;
    for (const start of [0, 2, 4]) await buffer.append(piece(start, start + 2), 0);
    await buffer.append(piece(6, 8), 3);
    expect(sink.done.slice(3)).toEqual(["remove 0 to 3", "append 6"]);
    expect(sink.ranges).toEqual([
      [3, 4],
      [4, 6],
      [6, 8],
    ]);
    // Nothing was played: there is nothing to forget, and whoever asked must know.
    await expect(buffer.append(piece(8, 10), 3)).rejects.toThrow("it is full");
    expect(sink.done).toHaveLength(5);
  });

  it("forgets what was played a while ago, and not at every step", async () => {
    const { buffer, sink } = opened();
    buffer.evict(100);
    await buffer.append(piece(0, 20), 0);
    buffer.evict(5);
    await buffer.append(piece(20, 22), 0);
    expect(sink.done).toEqual(["append 0", "append 20"]);
    buffer.evict(6);
    expect(buffer.busy).toBe(true);
    await buffer.append(piece(22, 24), 0);
    expect(sink.done.slice(2)).toEqual(["remove 0 to 6", "append 22"]);
    expect(sink.ranges[0]).toEqual([6, 20]);
  });

  it("forgets everything before it plays elsewhere", async () => {
    const { buffer, sink } = opened();
    await buffer.clear();
    expect(sink.done).toEqual(["abort"]);
    await buffer.append(piece(0, 2), 0);
    await buffer.clear();
    expect(sink.done).toEqual(["abort", "append 0", "abort", "remove 0 to Infinity"]);
    expect(sink.ranges).toEqual([]);
  });

  it("says how far it can play without a gap", async () => {
    const { buffer } = opened();
    expect(buffer.reach(0)).toBeNull();
    for (const [start, end] of [
      [1, 3],
      [3.1, 5],
      [5.2, 7],
    ] as const) {
      await buffer.append(piece(start, end), 0);
    }
    expect(buffer.reach(0.5)).toBeNull();
    expect(buffer.reach(0.9)).toBe(5); // what begins a moment later is no gap
    expect(buffer.reach(2)).toBe(5);
    expect(buffer.reach(5)).toBeNull();
    expect(buffer.reach(6)).toBe(7);
    expect(buffer.reach(7)).toBeNull();
  });

  it("takes nothing where it is closed, or was given up", async () => {
    const { buffer, sink } = opened();
    await buffer.append(piece(0, 2), 0);
    const last = buffer.append(piece(2, 4), 0);
    buffer.close();
    await last;
    await buffer.append(piece(4, 6), 0);
    await buffer.clear();
    expect(sink.done).toEqual(["append 0"]);
    expect(buffer.reach(0)).toBeNull();
    expect([buffer.element.src, revoked]).toEqual(["", ["blob:one"]]);

    const { buffer: given, sink: lost } = opened();
    await given.append(piece(0, 2), 0);
    Source.last.readyState = "ended";
    await given.append(piece(2, 4), 0);
    expect(lost.done).toEqual(["append 0"]);
    expect(given.failed).toBe(false);
    Object.assign(given.element, { error: new Error("decoding") });
    expect(given.failed).toBe(true);
  });

  it("sends nobody to just before what is there", async () => {
    const { buffer } = opened();
    await buffer.append(piece(10, 12), 0);
    await buffer.append(piece(20, 22), 0);
    for (const at of [9.95, 19.9]) expect(buffer.reach(at)).not.toBeNull();
    const wanted = [9.95, 10, 11, 19.9, 21, 5];
    expect(wanted.map((at) => buffer.landing(at))).toEqual([10, 10, 11, 20, 21, 5]);
  });

  it("lets go of everybody who waits when it is closed before it has opened", async () => {
    const buffer = new MediaBuffer("opus", 3600);
    const waiting = buffer.append(piece(0, 2), 0);
    buffer.close();
    await waiting;
    expect(Source.last.types).toEqual([]);
    expect(buffer.busy).toBe(false);
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";

import type { Archive, Fetched, OpenedGeneration, Part } from "../../src/watching/archive";
import type { ClosedTrack } from "../../src/watching/closing";
import type { MediaBuffer } from "../../src/watching/media-buffer";
import { Player } from "../../src/watching/player";
import type { Makers } from "../../src/watching/stage";

const SECONDS = 40;

/** A generation of one microphone, in segments of two seconds. */
function generation(number: number, start: number): OpenedGeneration {
  const entries = Array.from({ length: SECONDS / 2 + 1 }, (_, sequence) => ({
    track: "x.microphone",
    sequence,
    digest: new Uint8Array(32),
    size: 100,
    start: start + 2000 * Math.max(0, sequence - 1),
    end: start + 2000 * sequence,
  }));
  const track: ClosedTrack = { name: "x.microphone", person: "x", source: "microphone", entries };
  const tracks = new Map([[track.name, track]]);
  return { number, start, end: start + 1000 * SECONDS, tracks } as unknown as OpenedGeneration;
}

/** What a browser would do with it: it plays in the machine's time where there is something. */
class Element extends EventTarget {
  paused = true;
  seeking = false;
  /** Arrives nowhere. */
  stuck = false;
  readyState = 4;
  playbackRate = 1;
  #time = 0;
  #since = 0;

  get currentTime(): number {
    return (
      this.#time + (this.paused || this.seeking ? 0 : (performance.now() - this.#since) / 1000)
    );
  }

  set currentTime(time: number) {
    this.seeking = this.stuck;
    this.#time = time;
    this.#since = performance.now();
  }

  play(): Promise<void> {
    this.#since = performance.now();
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.#time = this.currentTime;
    this.paused = true;
  }
}

class Buffer {
  readonly element = new Element();
  /** The browser has given it up. */
  failed = false;
  closed = false;
  readonly busy = false;
  /** Seconds of meeting time that were appended: where each piece begins. */
  pieces: number[] = [];

  append(data: Uint8Array): Promise<void> {
    if (data.length > 1) this.pieces.push(new DataView(data.buffer).getUint32(0) / 1000);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.pieces = [];
    return Promise.resolve();
  }

  evict(from: number): void {
    this.pieces = this.pieces.filter((piece) => piece + 2 > from - 5);
  }

  reach(at: number): number | null {
    let end: number | null = null;
    for (const piece of [...this.pieces].sort((left, right) => left - right)) {
      if (piece <= (end ?? at) && (end ?? at) < piece + 2) end = piece + 2;
    }
    return end;
  }

  landing(at: number): number {
    return at;
  }

  close(): void {
    this.closed = true;
    this.pieces = [];
  }
}

class Recording {
  readonly generations = [generation(1, 0), generation(2, 60_000)];
  readonly buffers = [new Buffer()];
  /** How many were made. */
  made = 0;
  readonly asked: Part[] = [];
  bad: readonly number[] = [];
  /** Segments of which frames are left out. */
  lacking: readonly number[] = [];
  /** Answers to segments from this one on wait for it. */
  hold: { from: number; until: Promise<void> } | null = null;
  readonly outline = {
    deleted: [],
    generations: this.generations.map((one) => ({
      number: one.number,
      offset: one.start,
      length: 1000 * SECONDS,
    })),
  };

  get buffer(): Buffer {
    return this.buffers.at(-1) ?? new Buffer();
  }

  make(): Buffer {
    this.made += 1;
    if (this.made > 1) this.buffers.push(new Buffer());
    return this.buffer;
  }

  generation(number: number): Promise<OpenedGeneration> {
    const found = this.generations[number - 1];
    return found === undefined ? Promise.reject(new Error("none")) : Promise.resolve(found);
  }

  /** Late answers come even to those who have gone: whoever asked is to leave them alone. */
  async *segments(_: OpenedGeneration, parts: readonly Part[]): AsyncGenerator<Fetched, void> {
    for (const part of parts) {
      this.asked.push(part);
      for (const entry of part.track.entries.slice(part.first, part.last + 1)) {
        if (this.hold !== null && entry.sequence >= this.hold.from) await this.hold.until;
        const data = new Uint8Array(entry.sequence === 0 ? 1 : 4);
        if (entry.sequence > 0) new DataView(data.buffer).setUint32(0, entry.start);
        const { track } = part;
        if (this.bad.includes(entry.sequence)) yield { entry, track, data: null, why: "damaged" };
        else yield { entry, track, data, whole: !this.lacking.includes(entry.sequence) };
      }
    }
  }
}

function player(recording: Recording): Player {
  const makers: Makers = {
    buffer: () => recording.make() as unknown as MediaBuffer,
    mixer: () => ({ add: vi.fn(), close: vi.fn(), resume: vi.fn(), setVolume: vi.fn() }),
  };
  const made = new Player(recording as unknown as Archive, makers);
  made.start();
  made.play();
  return made;
}

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

describe("a player", () => {
  vi.useFakeTimers();
  afterEach(() => {
    vi.clearAllTimers();
  });

  it("plays, on over the pause between two stretches, and to the end", async () => {
    const recording = new Recording();
    const played = player(recording);
    await pass(10);
    expect(played.position.value).toBeGreaterThan(9_000);
    await pass(35);
    expect(played.position.value).toBeGreaterThan(60_000);
    await pass(40);
    expect([played.ended.value, played.playing.value]).toEqual([true, false]);
    expect(played.position.value).toBe(100_000);
    played.close();
  });

  it("holds no more than it plays: so much ahead, so much behind", async () => {
    const recording = new Recording();
    const played = player(recording);
    let most = 0;
    for (let second = 0; second < 60; second += 1) {
      await pass(1);
      most = Math.max(most, recording.buffer.pieces.length);
    }
    expect(most).toBeLessThanOrEqual((20 + 15 + 5) / 2 + 2);
    played.close();
  });

  it("builds anew what the browser has given up, from where it is", async () => {
    const recording = new Recording();
    const played = player(recording);
    await pass(12);
    const given = recording.buffer;
    given.failed = true;
    await pass(1);
    expect(given.closed).toBe(true);
    expect(recording.made).toBe(2);
    expect(played.tracks.value[0]?.element).toBe(recording.buffer.element);
    await pass(5);
    expect(played.position.value).toBeGreaterThan(16_000);
    expect(recording.buffer.element.paused).toBe(false);
    expect(
      Math.abs(recording.buffer.element.currentTime * 1000 - played.position.value),
    ).toBeLessThan(300);
    played.close();
  });

  it("gives up what fails again and again, and plays on", async () => {
    const recording = new Recording();
    const played = player(recording);
    const failing = setInterval(() => {
      recording.buffer.failed = true;
    }, 500);
    await pass(30);
    clearInterval(failing);
    expect(recording.made).toBe(1 + 3);
    expect(played.position.value).toBeGreaterThan(20_000);
    played.close();
  });

  it("goes over a pause by a jump", async () => {
    const played = player(new Recording());
    await pass(1);
    played.seek(50_000);
    expect(played.position.value).toBe(70_000);
    await pass(5);
    expect(played.position.value).toBeGreaterThan(74_000);
    played.close();
  });

  it("goes where the last of two jumps went; the first one's late answer wins nothing", async () => {
    const recording = new Recording();
    const played = player(recording);
    await pass(0.5);
    let answer = (): void => undefined;
    const until = new Promise<void>((resolve) => (answer = resolve));
    recording.hold = { from: 12, until };
    played.seek(30_000);
    await pass(0.2);
    recording.hold = null;
    played.seek(4_000);
    await pass(0.2);
    answer();
    await pass(0);
    expect(Math.max(...recording.buffer.pieces)).toBeLessThanOrEqual(24);
    await pass(3);
    expect(played.position.value).toBeGreaterThan(6_000);
    expect(played.position.value).toBeLessThan(8_000);
    expect(recording.buffer.reach(played.position.value / 1000)).not.toBeNull();
    played.close();
  });

  it("lets no element be stuck on its way for ever", async () => {
    const recording = new Recording();
    const { element } = recording.buffer;
    const played = player(recording);
    await pass(1);
    element.stuck = true;
    played.seek(20_000);
    await pass(0.5);
    expect(element.seeking).toBe(true);
    element.stuck = false;
    await pass(6);
    expect(element.seeking).toBe(false);
    expect(played.position.value).toBeGreaterThan(20_000);
    expect(Math.abs(element.currentTime * 1000 - played.position.value)).toBeLessThan(100);
    played.close();
  });

  it("lets none be stuck either while it stands still", async () => {
    const recording = new Recording();
    const { element } = recording.buffer;
    const played = player(recording);
    await pass(1);
    played.pause();
    element.stuck = true;
    played.seek(20_000);
    await pass(0.5);
    expect(element.seeking).toBe(true);
    element.stuck = false;
    await pass(6);
    expect(element.seeking).toBe(false);
    expect(played.position.value).toBe(20_000);
    expect(Math.abs(element.currentTime * 1000 - 20_000)).toBeLessThan(5);
    played.close();
  });

  it("tells of a damaged segment, and plays the rest", async () => {
    const recording = new Recording();
    recording.bad = [3];
    recording.lacking = [5];
    const played = player(recording);
    await pass(12);
    expect(played.damaged.value).toBe(2);
    expect(played.position.value).toBeGreaterThan(9_000);
    expect(played.live.value.size).toBe(1);
    played.close();
  });
});

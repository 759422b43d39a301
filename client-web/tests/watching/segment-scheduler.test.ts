import { describe, expect, it } from "vitest";

import type { Bytes } from "../../src/crypto/bytes";
import type { OpenedGeneration } from "../../src/watching/archive";
import type { ClosedTrack } from "../../src/watching/closing";
import { SegmentScheduler } from "../../src/watching/segment-scheduler";

const HEADER = Uint8Array.of(0);

/** A cluster of one block at this time. */
function cluster(time: number, key: boolean): Bytes {
  const stamp = [0xe7, 0x84, 0, (time >> 16) & 255, (time >> 8) & 255, time & 255];
  const body = [...stamp, 0xa3, 0x84, 0x81, 0, 0, key ? 0x80 : 0];
  return Uint8Array.from([0x1f, 0x43, 0xb6, 0x75, 0x80 | body.length, ...body]);
}

/** Where a cluster begins, whatever its size is written in. */
function timeOf(data: Bytes): number {
  const at = data.indexOf(0xe7);
  return new DataView(data.buffer).getUint32(at + 2);
}

/** A generation with one track of segments of two seconds; key frames are in those named. */
function generation(number: number, segments: number, begins = 0, lasts = 2000): OpenedGeneration {
  const entries = Array.from({ length: segments + 1 }, (_, sequence) => ({
    track: "x.camera",
    sequence,
    digest: new Uint8Array(32),
    size: 100,
    start: begins + 2000 * Math.max(0, sequence - 1),
    end: begins + 2000 * Math.max(0, sequence - 1) + lasts,
  }));
  const track: ClosedTrack = { name: "x.camera", person: "x", source: "camera", entries };
  const end = begins + 2000 * segments;
  return { number, end, tracks: new Map([["x.camera", track]]) } as unknown as OpenedGeneration;
}

/** Fetch what is wanted until nothing more is; returns the sequences in the order of appending. */
function run(
  scheduler: SegmentScheduler,
  keys: readonly number[],
  until: number,
  gone: readonly number[] = [],
) {
  const appended: number[] = [];
  const fetched: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const ranges = scheduler.wants(until, 6);
    if (ranges.length === 0) break;
    for (const { first, last } of ranges) {
      for (let each = first; each <= last; each += 1) {
        fetched.push(each);
        const data = gone.includes(each)
          ? null
          : each === 0
            ? HEADER
            : cluster(2000 * (each - 1), keys.includes(each));
        for (const one of scheduler.take(each, data)) {
          if (one === HEADER) appended.push(0);
          else appended.push(timeOf(one) / 2000 + 1);
        }
      }
    }
  }
  return { appended, fetched };
}

function camera(at: number, segments = 100): SegmentScheduler {
  const scheduler = new SegmentScheduler("x.camera", true);
  scheduler.aim(generation(1, segments), at);
  return scheduler;
}

describe("a track that is begun anywhere", () => {
  it("begins with the header, once, and the last key frame before", () => {
    const { appended } = run(camera(41_000), [1, 6, 11, 16, 21, 26], 50_000);
    expect(appended).toEqual([0, 21, 22, 23, 24, 25]);
  });

  it("goes back in steps, and no further than it must", () => {
    const { appended, fetched } = run(camera(41_000), [1, 17, 30], 42_000);
    expect(appended).toEqual([0, 17, 18, 19, 20, 21]);
    expect([...fetched].sort((left, right) => left - right)).toEqual([
      0, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    ]);
  });

  it("begins without a picture where no key frame is near", () => {
    const { appended, fetched } = run(camera(100_000), [1], 102_000);
    expect(appended).toEqual([0, 51]);
    expect(Math.min(...fetched.slice(1))).toBeGreaterThan(38);
  });

  it("begins at its beginning", () => {
    expect(run(camera(0), [1], 5000).appended).toEqual([0, 1, 2, 3]);
    expect(run(camera(500), [1], 5000).appended).toEqual([0, 1, 2, 3]);
  });

  it("needs no key frame for sound", () => {
    const scheduler = new SegmentScheduler("x.camera", false);
    scheduler.aim(generation(1, 100), 41_000);
    expect(run(scheduler, [], 44_000).appended).toEqual([0, 21, 22]);
  });

  it("goes on with the next generation, with that one's header", () => {
    const scheduler = camera(18_500, 10);
    run(scheduler, [10], 99_999);
    expect(scheduler.done).toBe(true);
    scheduler.follow(generation(2, 5));
    expect(run(scheduler, [1], 4000).appended).toEqual([0, 1, 2]);
  });

  it("passes over what is not there", () => {
    const { appended } = run(camera(41_000), [21], 52_000, [23]);
    expect(appended).toEqual([0, 21, 22, 24, 25, 26]);
    expect(run(camera(41_000), [18, 21], 42_000, [21]).appended).toEqual([0, 18, 19, 20]);
  });

  it("is gone where its header is", () => {
    const scheduler = camera(41_000);
    expect(run(scheduler, [21], 52_000, [0]).appended).toEqual([]);
    expect([scheduler.gone, scheduler.done, scheduler.covers(41_000)]).toEqual([true, true, false]);
  });

  it("is asked for in bounded pieces, and only as far as wanted", () => {
    const scheduler = camera(0);
    run(scheduler, [1], 2000);
    expect(scheduler.wants(2000, 6)).toEqual([]);
    expect(scheduler.wants(99_999, 6)).toEqual([{ first: 2, last: 7 }]);
  });

  it("covers what stays up between slides", () => {
    const scheduler = new SegmentScheduler("x.camera", true);
    scheduler.aim(generation(1, 3, 0, 0), 0);
    expect([0, 1999, 5999, 6000].map((at) => scheduler.covers(at))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("covers what its segments do", () => {
    const scheduler = camera(0, 3);
    expect([0, 5999, 6000].map((at) => scheduler.covers(at))).toEqual([true, true, false]);
    scheduler.forget();
    expect(scheduler.covers(0)).toBe(false);
  });

  it("has nothing where the generation has no such track, or only its header", () => {
    const scheduler = new SegmentScheduler("y.camera", true);
    scheduler.aim(generation(1, 5), 0);
    expect([scheduler.done, scheduler.wants(9999, 6)]).toEqual([true, []]);
    const bare = new SegmentScheduler("x.camera", true);
    bare.aim(generation(1, 0), 0);
    expect([bare.done, bare.wants(9999, 6)]).toEqual([true, []]);
  });
});

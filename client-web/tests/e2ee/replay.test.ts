// Counters that never repeat, and the window that refuses what does.

import { describe, expect, it } from "vitest";

import { FrameCounter, StreamNumbers } from "../../src/e2ee/frame-counter";
import { PICTURE_WINDOW, ReplayWindow, SOUND_WINDOW } from "../../src/e2ee/replay-window";
import { vectors } from "../vectors";
import { numbers } from "./numbers";

interface Frames {
  replays: { name: string; kind: "picture" | "sound"; counts: number[]; admitted: boolean[] }[];
}

const given = vectors("frames") as Frames;
const windows = { picture: () => ReplayWindow.ofPictures(), sound: () => ReplayWindow.ofSound() };

describe("counters", () => {
  it("go up by one in each layer, and never repeat", () => {
    const counter = new FrameCounter();
    expect([0, 1, 0, 2, 1, 0].map((layer) => counter.take(layer))).toEqual([
      0n,
      1n,
      4n,
      2n,
      5n,
      8n,
    ]);
    for (const layer of [-1, 3]) expect(() => counter.take(layer)).toThrow(RangeError);
  });

  it("are neither cloned nor stored: what comes of it is no counter", () => {
    const counter = new FrameCounter();
    counter.take();
    const copy = structuredClone(counter) as Partial<FrameCounter>;
    expect(copy.take).toBeUndefined();
    expect(JSON.stringify(counter)).toBe("{}");
    expect(() => FrameCounter.prototype.take.call(copy as FrameCounter)).toThrow(TypeError);
  });

  it("have streams that are used up", () => {
    const streams = new StreamNumbers();
    const taken = Array.from({ length: 256 }, () => streams.take());
    expect(new Set(taken).size).toBe(256);
    expect([taken[0], taken[255]]).toEqual([0, 255]);
    expect(() => streams.take()).toThrow(RangeError);
    expect(() => streams.take()).toThrow(RangeError);
  });
});

describe("replays", () => {
  it.each(given.replays)("$name", ({ kind, counts, admitted }) => {
    const window = windows[kind]();
    expect(counts.map((count) => window.admit(count))).toEqual(admitted);
  });

  it.each([
    ["picture", PICTURE_WINDOW],
    ["sound", SOUND_WINDOW],
  ] as const)("of whatever order are told as a set would tell them (%s)", (kind, late) => {
    for (let seed = 0; seed < 50; seed += 1) {
      const next = numbers(seed);
      const window = windows[kind]();
      const seen = new Set<number>();
      let newest = -1;
      for (let at = 0; at < 100; at += 1) {
        const count = next(3 * late);
        const fresh = !seen.has(count) && count > newest - late;
        expect(window.admit(count)).toBe(fresh);
        if (fresh) seen.add(count);
        newest = Math.max(newest, count);
      }
    }
  });
});

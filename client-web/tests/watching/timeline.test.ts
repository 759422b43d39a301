import { describe, expect, it } from "vitest";

import { Timeline } from "../../src/watching/timeline";

const timeline = new Timeline([
  { number: 4, start: 60_000, end: 90_000 },
  { number: 1, start: 5_000, end: 25_000 },
  { number: 2, start: 24_900, end: 40_000 },
]);

describe("a timeline", () => {
  it("puts the stretches in a row, without the pauses", () => {
    expect(timeline.length).toBe(20_000 + 15_000 + 30_000);
    expect(timeline.stretches.map((one) => [one.number, one.at, one.pause])).toEqual([
      [1, 0, 0],
      [2, 20_000, 0],
      [4, 35_000, 20_000],
    ]);
  });

  it("goes there and back between both times", () => {
    for (const watch of [0, 1, 19_999, 20_000, 34_999, 35_000, 64_999]) {
      expect(timeline.toWatch(timeline.toMeeting(watch))).toBe(watch);
    }
    expect(timeline.toMeeting(35_000)).toBe(60_000);
    expect(timeline.toMeeting(-5)).toBe(5_000);
    expect(timeline.toMeeting(99_999_999)).toBe(90_000);
  });

  it("takes whoever is in a pause to what comes after it", () => {
    expect(timeline.at(50_000)?.number).toBe(4);
    expect(timeline.toWatch(50_000)).toBe(35_000);
    expect(timeline.at(90_000)).toBeNull();
    expect(timeline.toWatch(90_000)).toBe(timeline.length);
  });

  it("knows what follows, also for a stretch of before it was corrected", () => {
    expect(timeline.after({ number: 1, start: 0, end: 1 })?.number).toBe(2);
    expect(timeline.after({ number: 2, start: 0, end: 1 })?.number).toBe(4);
    expect(timeline.after({ number: 4, start: 0, end: 1 })).toBeNull();
  });

  it("may be empty", () => {
    const empty = new Timeline([]);
    expect([empty.length, empty.toMeeting(7), empty.toWatch(7)]).toEqual([0, 0, 0]);
  });
});

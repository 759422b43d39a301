import { describe, expect, it } from "vitest";

import type { ClosedTrack } from "../../src/watching/closing";
import { isSpeaking, rate, speech } from "../../src/watching/speech";

/** Segments of two seconds with so many bytes of sound a second; the first is the header. */
function track(...rates: number[]): ClosedTrack {
  const entries = [0, ...rates].map((bytes, sequence) => ({
    track: "x.microphone",
    sequence,
    digest: new Uint8Array(32),
    size: sequence === 0 ? 700 : 420 + 2 * (350 + bytes),
    start: sequence === 0 ? 0 : 2000 * (sequence - 1),
    end: sequence === 0 ? 0 : 2000 * sequence,
  }));
  return { name: "x.microphone", person: "x", source: "microphone", entries };
}

describe("who speaks when", () => {
  it("is measured in bytes of sound a second", () => {
    expect(track(4000).entries.slice(1).map(rate)).toEqual([4000]);
    const [entry] = track(1).entries;
    expect(entry && rate({ ...entry, start: 5, end: 5 })).toBe(0);
  });

  it("tells a voice from the silence around it", () => {
    expect(speech([track(400, 4000, 4200, 380, 410, 3900)])).toEqual([
      { start: 2000, end: 6000 },
      { start: 10_000, end: 12_000 },
    ]);
  });

  it("tells a voice from steady noise", () => {
    expect(speech([track(1800, 1900, 4200, 1850, 1800)])).toEqual([{ start: 4000, end: 6000 }]);
  });

  it("knows whoever is silent, or speaks, all the time", () => {
    expect(speech([track(300, 310, 290)])).toEqual([]);
    expect(speech([track(4000, 4100, 3900)])).toEqual([{ start: 0, end: 6000 }]);
    expect(speech([])).toEqual([]);
    expect(speech([track()])).toEqual([]);
  });

  it("is asked for a moment", () => {
    const spans = speech([track(400, 4000, 400, 4000)]);
    expect([1999, 2000, 3999, 4000, 6500, 9000].map((at) => isSpeaking(spans, at))).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(isSpeaking([], 5)).toBe(false);
  });
});

// The measures of charts: nothing is drawn beyond its field, and the numbers beside it are whole.

import { describe, expect, it } from "vitest";

import { bars, ticks } from "../../src/pages/console/scale";

describe("the numbers beside a chart", () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [4, [0, 1, 2, 3, 4]],
    [7, [0, 2, 4, 6, 8]],
    [11, [0, 5, 10, 15]],
    [100, [0, 50, 100]],
  ])("up to %i", (most, expected) => {
    expect(ticks(most)).toEqual(expected);
  });

  it("are whole, few, and reach the largest", () => {
    for (let most = 0; most < 5000; most += 7) {
      const found = ticks(most);
      expect(found.every(Number.isInteger)).toBe(true);
      expect(found.length).toBeLessThanOrEqual(5);
      expect(found.at(-1)).toBeGreaterThanOrEqual(most);
    }
  });
});

describe("bars", () => {
  it("stand side by side on one ground, as tall as their value", () => {
    const found = bars([0, 5, 10], 10, 300, 100);
    expect(found.map(({ height }) => height)).toEqual([0, 50, 100]);
    for (const { height, y } of found) expect(y + height).toBe(100);
    for (const [place, bar] of found.entries()) {
      expect(bar.x).toBeGreaterThanOrEqual(place * 100);
      expect(bar.x + bar.width).toBeLessThanOrEqual((place + 1) * 100);
    }
  });

  it("never leave their field", () => {
    expect(bars([20], 10, 100, 100)[0]?.height).toBe(100);
    expect(bars([], 10, 100, 100)).toEqual([]);
    expect(bars([0], 0, 100, 100)[0]?.height).toBe(0);
  });
});

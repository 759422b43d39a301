import { describe, expect, it } from "vitest";

import { arrange, ASPECT } from "../../src/pages/meeting/arrange";

describe("tiles", () => {
  it.each([
    [1, 1280, 720, 1],
    [2, 1280, 500, 2],
    [2, 390, 800, 1],
    [4, 1280, 720, 2],
    [9, 1280, 720, 3],
    [25, 1920, 1080, 5],
  ])("%i of them in %i × %i stand in %i columns", (count, width, height, columns) => {
    expect(arrange(count, width, height, 10).columns).toBe(columns);
  });

  it("never leave the stage, as long as they can be recognised", () => {
    for (let count = 1; count <= 30; count += 1) {
      const { columns, height, width } = arrange(count, 1280, 640, 10);
      const rows = Math.ceil(count / columns);
      expect(columns * width + (columns - 1) * 10).toBeLessThanOrEqual(1280);
      expect(rows * height + (rows - 1) * 10).toBeLessThanOrEqual(640);
      expect(width / height).toBeCloseTo(ASPECT, 1);
    }
  });

  it("stay recognisable, and scroll, when there are too many", () => {
    const { columns, width } = arrange(50, 390, 500, 10);
    expect(width).toBeGreaterThanOrEqual(132);
    expect(columns * width + (columns - 1) * 10).toBeLessThanOrEqual(390);
  });
});

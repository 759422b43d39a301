// The measures of a chart: pure numbers, so that they can be tried without a page.

/** Round numbers from 0 to at least `most`, four steps at most; counts have no fractions. */
export function ticks(most: number): number[] {
  const least = Math.max(1, most) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least) ?? least;
  const whole = Math.max(1, Math.ceil(step));
  const count = Math.max(1, Math.ceil(most / whole));
  return Array.from({ length: count + 1 }, (_, place) => place * whole);
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A bar for each value, side by side in a field of this size, whose top is `most`. */
export function bars(
  values: readonly number[],
  most: number,
  width: number,
  height: number,
): Bar[] {
  const slot = width / Math.max(1, values.length);
  return values.map((value, place) => {
    const tall = most > 0 ? (Math.min(value, most) / most) * height : 0;
    return { x: place * slot + slot * 0.12, y: height - tall, width: slot * 0.76, height: tall };
  });
}

// Looks at lines: the browser's count first and the worker's after it, again and again, or no more.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { FrameGuard, type Tally, type Verdict } from "../../src/e2ee/frame-guard";
import { LineWatch, OVERDUE, SOON_MS, TURNS, type Watched } from "../../src/e2ee/line-watch";

const NOTHING = new Map<number, Tally>();

class Line implements Watched {
  readonly guard = new FrameGuard(true);
  readonly verdicts: Verdict[] = [];
  isUnsettled = false;
  streams: ReadonlyMap<number, Tally> | null = NOTHING;

  counted(): Promise<ReadonlyMap<number, Tally>> {
    // A browser that says nothing at all: null.
    return this.streams === null ? new Promise(() => undefined) : Promise.resolve(this.streams);
  }

  judged(verdict: Verdict): void {
    this.verdicts.push(verdict);
  }
}

describe("a watch over lines", () => {
  const looks: number[] = [];
  let overdue = 0;
  let watch: LineWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    looks.length = 0;
    overdue = 0;
    watch = new LineWatch(
      (look) => looks.push(look),
      () => (overdue += 1),
    );
  });

  afterEach(() => {
    watch.end();
    vi.useRealTimers();
  });

  const pass = (ticks: number) => vi.advanceTimersByTimeAsync(ticks * SOON_MS);

  it("looks now and then, and more often where something is not settled", async () => {
    const line = new Line();
    await pass(TURNS);
    expect(looks, "nothing is there to be looked at").toEqual([]);
    watch.add(1, line);
    await pass(TURNS);
    expect(looks).toEqual([1]);
    watch.counted(1, new Map([[1, { frames: 0, bytes: 0 }]]));
    line.isUnsettled = true;
    await pass(1);
    expect(looks).toEqual([1, 2]);
    watch.counted(2, new Map([[1, { frames: 0, bytes: 0 }]]));
    watch.soon();
    await pass(0);
    expect(looks).toEqual([1, 2, 3]);
    expect(line.verdicts).toEqual(["unproven", "unproven"]);
  });

  it("asks the worker when the browser has answered, and once", async () => {
    const line = new Line();
    let answer: (streams: ReadonlyMap<number, Tally>) => void = () => undefined;
    line.counted = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    watch.add(1, line);
    watch.soon();
    await pass(TURNS);
    watch.soon();
    await pass(0);
    expect(looks).toEqual([]);
    answer(NOTHING);
    await pass(0);
    expect(looks).toEqual([1]);
  });

  it("takes no answer of another look, or twice", async () => {
    const line = new Line();
    watch.add(1, line);
    watch.soon();
    await pass(0);
    watch.counted(7, new Map());
    expect(line.verdicts).toEqual([]);
    watch.counted(1, new Map([[1, { frames: 1, bytes: 1 }]]));
    watch.counted(1, new Map());
    expect(line.verdicts).toEqual(["proven"]);
  });

  it("says of a line of which the worker knows nothing that it has failed", async () => {
    const [line, over] = [new Line(), new Line()];
    watch.add(1, line);
    watch.add(2, over);
    watch.soon();
    await pass(0);
    watch.delete(2);
    watch.counted(1, new Map());
    expect(line.verdicts).toEqual(["failed"]);
    expect(over.verdicts, "it is over").toEqual([]);
  });

  it.each(["the worker", "the browser"])("does not wait for ever", async (who) => {
    const line = new Line();
    if (who === "the browser") line.streams = null;
    watch.add(1, line);
    watch.soon();
    await pass(OVERDUE - 1);
    expect(overdue).toBe(0);
    await pass(1);
    expect(overdue).toBe(1);
  });
});

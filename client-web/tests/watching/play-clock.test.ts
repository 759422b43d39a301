import { describe, expect, it } from "vitest";

import { PlayClock } from "../../src/watching/play-clock";

const TURN = 100;

/** Play for so many turns; `sound` says where the sound is at each. */
function play(clock: PlayClock, from: number, turns: number, sound: (turn: number) => number) {
  let at = from;
  for (let turn = 1; turn <= turns; turn += 1) {
    at = clock.advance(at, TURN, 1, [{ name: "x", at: sound(turn) }]);
  }
  return at;
}

describe("the clock of what is played", () => {
  it("goes by the machine where there is no sound", () => {
    expect(new PlayClock().advance(1000, 100, 1.5, [])).toBe(1150);
  });

  it("goes by the sound, which drifts", () => {
    expect(play(new PlayClock(), 0, 50, (turn) => turn * 101)).toBe(5050);
  });

  it("goes on where a sound stands still, and does not wait for long", () => {
    const clock = new PlayClock();
    expect(play(clock, 0, 50, () => 0)).toBeGreaterThan(4000);
    expect([clock.trusts("x"), clock.stalled]).toEqual([false, true]);
  });

  it("goes by the sound again once that moves by itself", () => {
    const clock = new PlayClock();
    const at = play(clock, 0, 20, () => 0);
    clock.moved("x");
    const after = play(clock, at, 20, (turn) => at + turn * 99);
    expect(clock.trusts("x")).toBe(true);
    expect(after).toBe(at + 20 * 99);
  });

  it("does not take being brought along for moving", () => {
    const clock = new PlayClock();
    let at = play(clock, 0, 20, () => 0);
    for (let jump = 0; jump < 5; jump += 1) {
      clock.moved("x");
      const place = at;
      at = play(clock, at, 10, () => place);
    }
    expect(clock.trusts("x")).toBe(false);
    expect(at).toBeGreaterThan(6000);
  });

  it("goes by another sound where the first stands still", () => {
    const clock = new PlayClock();
    let at = 0;
    for (let turn = 1; turn <= 50; turn += 1) {
      at = clock.advance(at, TURN, 1, [
        { name: "still", at: 0 },
        { name: "moving", at: turn * 99 - 300 },
      ]);
    }
    expect(at).toBe(4650);
  });
});

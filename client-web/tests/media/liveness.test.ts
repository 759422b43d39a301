import { describe, expect, it } from "vitest";

import { arrivedOn, Liveness } from "../../src/media/liveness";

/** Take what has arrived at each look, a quarter of a second apart; null: no connection. */
function felt(...octets: (number | null)[]): Liveness {
  const liveness = new Liveness();
  for (const [at, arrived] of octets.entries()) liveness.take(arrived, at * 250);
  return liveness;
}

const STEADY = [0, 1, 2, 3, 4, 5, 6, 7, 8];

describe("liveness", () => {
  it("is steady where something has come at every look", () => {
    expect(felt(...STEADY.slice(0, -1)).isSteady).toBe(false);
    expect(felt(...STEADY).isSteady).toBe(true);
    expect(felt(...STEADY).hasStopped).toBe(false);
  });

  it("has stopped with the first look that brings nothing", () => {
    expect(felt(...STEADY, 8).hasStopped).toBe(true);
    expect(felt(...STEADY, 8, 8).hasStopped).toBe(true);
    expect(felt(...STEADY, 8, 9).hasStopped).toBe(false);
  });

  it("of what comes now and then never stops", () => {
    expect(felt(0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8).hasStopped).toBe(false);
  });

  it("begins anew with a new connection", () => {
    expect(felt(...STEADY, null).isSteady).toBe(false);
    expect(felt(...STEADY, 3, 3).hasStopped).toBe(false);
    expect(felt(...STEADY, 3, 4).isSteady).toBe(false);
  });

  it("tells since when something has come", () => {
    const liveness = felt(0, 1, 2);
    expect(liveness.isAliveSince(400)).toBe(true);
    expect(liveness.isAliveSince(500)).toBe(false);
    liveness.take(2, 750);
    expect(liveness.isAliveSince(400)).toBe(false);
  });

  it("knows nothing of a time in which nobody looked", () => {
    const liveness = felt(0, 1);
    liveness.take(100, 10_000);
    expect(liveness.isAliveSince(9000)).toBe(false);
  });
});

describe("what has arrived", () => {
  it("is counted on every path", () => {
    const report = new Map<string, unknown>([
      ["a", { type: "candidate-pair", bytesReceived: 5 }],
      ["b", { type: "candidate-pair", bytesReceived: 7 }],
      ["c", { type: "candidate-pair" }],
      ["d", { type: "inbound-rtp", bytesReceived: 100 }],
    ]);
    expect(arrivedOn(report as unknown as RTCStatsReport)).toBe(12);
  });
});

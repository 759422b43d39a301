// Why a meeting stands where it stands in the release queue, and how many there are.

import { describe, expect, it } from "vitest";

import type { QueuedRelease } from "../../src/api/types";
import { droppedText, reasonText } from "../../src/pages/console/reasons";
import { countText, whyOf } from "../../src/pages/console/releases";

function queued(changes: Partial<QueuedRelease>): QueuedRelease {
  return {
    meeting: "m",
    title: "Weekly",
    created_at: 1,
    state: "dropped",
    since: 2,
    ready_at: 3,
    lease_until: null,
    reason: null,
    gate: null,
    export: null,
    retry: null,
    ...changes,
  };
}

function gate(...reasons: [string, number][]): QueuedRelease["gate"] {
  return {
    decision: "blocked",
    decided_at: 1,
    reasons: reasons.map(([code, count]) => ({ code, count })),
  };
}

describe("the reasons of a release", () => {
  it("are all that the gate has said, each once", () => {
    const row = queued({ reason: "withdrawn", gate: gate(["withdrawn", 2], ["refused", 1]) });
    expect(whyOf(row)).toEqual([
      { code: "withdrawn", count: 2 },
      { code: "refused", count: 1 },
    ]);
  });

  it("are what the queue says beyond that", () => {
    const open = { decision: "release", decided_at: 1, reasons: [] };
    const row = queued({ state: "dead", reason: "export-no-frames", gate: open });
    expect(whyOf(row)).toEqual([{ code: "export-no-frames", count: 0 }]);
    expect(whyOf(queued({ state: "cooling", gate: open }))).toEqual([]);
  });

  it("are not those of today for what was exported", () => {
    expect(whyOf(queued({ state: "exported", gate: gate(["withdrawn", 1]) }))).toEqual([]);
  });

  it("have plain words, and where there are none their code", () => {
    expect(reasonText({ code: "export-segments-damaged" })).toBe(
      "it could not be exported: stored parts were damaged or missing",
    );
    expect(reasonText({ code: "refused", count: 2 })).toBe("2 people said no");
    expect(reasonText({ code: "refused" })).toBe("refused");
    expect(reasonText({ code: "constructor" })).toBe("constructor");
    expect(reasonText({ code: "new-reason", count: 3 })).toBe("new-reason (3)");
  });

  it("have the gate's count where a release was dropped for them", () => {
    expect(droppedText("withdrawn", gate(["withdrawn", 2]))).toBe("2 people have withdrawn");
    expect(droppedText("withdrawn", null)).toBe("withdrawn");
  });

  it("are counted no further than the server counts", () => {
    expect([0, 999, 1000].map(countText)).toEqual(["0", "999", "1000+"]);
  });
});

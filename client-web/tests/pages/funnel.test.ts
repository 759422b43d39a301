// The funnel and the settings: what nobody knows is said so, and no secret has a value.

import { beforeEach, describe, expect, it, vi } from "vitest";

import { FUNNEL_STAGES } from "../../src/api/console-types";
import { shareText } from "../../src/pages/console/funnel";
import { valueText } from "../../src/pages/console/settings";

beforeEach(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  return () => {
    vi.unstubAllGlobals();
  };
});

describe("a stage of the funnel", () => {
  const counts = (invited: number) => ({
    stages: FUNNEL_STAGES.map((stage) => ({ stage, people: stage === "invited" ? invited : 0 })),
  });

  it("is a share of those who opened the link", () => {
    expect(shareText(7, counts(9))).toBe("77.8 %");
    expect(shareText(9, counts(9))).toBe("100 %");
    expect(shareText(0, counts(9))).toBe("0 %");
  });

  it("is no share of nobody", () => {
    expect(shareText(0, counts(0))).toBe("–");
  });
});

describe("a setting without a value", () => {
  it("is not set, or a secret", () => {
    expect(valueText({ secret: true, set: true })).toContain("not shown");
    expect(valueText({ secret: true, set: false })).toBe("not set");
    expect(valueText({ secret: false, set: false })).toBe("not set");
  });
});

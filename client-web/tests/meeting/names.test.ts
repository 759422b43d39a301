import { describe, expect, it } from "vitest";

import { cleanName } from "../../src/meeting/names";

describe("a name", () => {
  it.each([
    ["Ada", "Ada"],
    ["  Ada \t\n Lovelace ", "Ada Lovelace"],
    ["Ada\u0000\u0007", "Ada"],
    ["Ada\u001cB", "Ada B"],
    ["Ada\u0085B\u00a0C", "Ada B C"],
    ["\u202eAda\u2066", "Ada"],
    ["e\u0301", "\u00e9"],
    ["e\u200e\u0301", "\u00e9"],
    ["\ue000Ada\ufdd0", "Ada"],
    ["\u{1f469}\u200d\u{1f680}", "\u{1f469}\u200d\u{1f680}"],
    ["\ufeffAda", "\ufeffAda"],
    ["...", "..."],
    ["\u0301", ""],
    [" \u202e ", ""],
    ["", ""],
  ])("%j is signed as %j", (typed, clean) => {
    expect(cleanName(typed)).toBe(clean);
    expect(cleanName(clean)).toBe(clean);
  });
});

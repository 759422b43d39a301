import { describe, expect, it } from "vitest";

import { de } from "../../src/i18n/de";
import { en } from "../../src/i18n/en";
import { bestOf } from "../../src/i18n";

function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

describe("catalogues", () => {
  // That no text is missing is checked by the types; that none was left in English, here.
  const same = new Set([".common.brand", ".consent.will.no", ".console.noRelease"]);

  it("are translated throughout", () => {
    const german = new Map(leaves(de));
    for (const [path, english] of leaves(en)) {
      expect(german.has(path), path).toBe(true);
      if (typeof english === "string" && !same.has(path))
        expect(german.get(path), path).not.toBe(english);
    }
  });

  it("have no text that begins or ends with a space, or is empty", () => {
    for (const [path, text] of [...leaves(en), ...leaves(de)]) {
      if (typeof text === "string") expect(text.trim(), path).toBe(text);
      expect(text, path).not.toBe("");
    }
  });

  it("are chosen by what the person prefers", () => {
    expect(bestOf(["fr-FR", "de-CH", "en"], ["en", "de"])).toBe("de");
    expect(bestOf(["fr"], ["en", "de"])).toBe("en");
    expect(bestOf([], ["en", "de"])).toBe("en");
  });
});

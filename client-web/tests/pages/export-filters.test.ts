// What is typed to narrow an export, and what it says in words.

import { beforeEach, describe, expect, it, vi } from "vitest";

import { chosen } from "../../src/pages/console/export-form";
import { type FilterTexts, readFilters } from "../../src/pages/console/export-filters";

const NOTHING: FilterTexts = { languages: "", seconds: "", filled: "", clipped: "" };
const NONE = { languages: [], least_seconds: null, most_filled: null, most_clipped: null };
const WISH = {
  since: null,
  until: null,
  audio_only: false,
  again: null,
  include_exported: false,
};

beforeEach(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  return () => {
    vi.unstubAllGlobals();
  };
});

describe("the filters of an export", () => {
  it("ask for nothing where nothing is typed", () => {
    expect(readFilters(NOTHING)).toEqual({ filters: NONE, wrong: new Set() });
    expect(readFilters({ ...NOTHING, languages: " , ", seconds: " " }).filters).toEqual(NONE);
  });

  it("are read as people type them", () => {
    const typed = { languages: "de, pt-BR، fr", seconds: " 60 ", filled: "10", clipped: "1,1" };
    expect(readFilters(typed)).toEqual({
      filters: {
        languages: ["de", "pt-BR", "fr"],
        least_seconds: 60,
        most_filled: 0.1,
        most_clipped: 0.011,
      },
      wrong: new Set(),
    });
    expect(readFilters({ ...NOTHING, seconds: "٣٠", filled: "٠٫٥" }).filters).toEqual({
      ...NONE,
      least_seconds: 30,
      most_filled: 0.005,
    });
    expect(readFilters({ ...NOTHING, filled: "100", clipped: "0" }).filters).toEqual({
      ...NONE,
      most_filled: 1,
      most_clipped: 0,
    });
  });

  it.each<[keyof FilterTexts, string]>([
    ["languages", "German!"],
    ["languages", "d"],
    ["languages", "de_AT"],
    ["languages", `de${"-ab".repeat(12)}`],
    ["languages", "de ".repeat(21)],
    ["seconds", "1.5"],
    ["seconds", "-1"],
    ["seconds", "1000000000"],
    ["filled", "101"],
    ["filled", "-1"],
    ["filled", "10 %"],
    ["clipped", "1e1"],
    ["clipped", "NaN"],
  ])("are to blame by their field: %s %s", (name, text) => {
    const found = readFilters({ ...NOTHING, [name]: text });
    expect(found).toEqual({ filters: NONE, wrong: new Set([name]) });
  });

  it("are told in words, each of them", () => {
    expect(chosen({ ...WISH, ...NONE })).toEqual([]);
    const all = { languages: ["de", "pt-br"], least_seconds: 90, most_filled: 0.1 };
    expect(chosen({ ...WISH, ...all, most_clipped: 0.0012 })).toEqual([
      "read by everybody in: German, Brazilian Portuguese",
      "meetings of at least 90 seconds",
      "without sound of which more than 10% is laid silence",
      "without sound of which more than 0.12% is clipped",
    ]);
  });

  it("say nothing where what was chosen cannot be read", () => {
    const unread = { languages: null, least_seconds: null, most_filled: null, most_clipped: null };
    expect(chosen({ ...WISH, ...unread, audio_only: null, include_exported: null })).toEqual([]);
  });
});

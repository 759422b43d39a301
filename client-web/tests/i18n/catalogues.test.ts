import { existsSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { bestOf, LANGUAGES } from "../../src/i18n";
import { ar } from "../../src/i18n/ar";
import { de } from "../../src/i18n/de";
import { en } from "../../src/i18n/en";
import { es } from "../../src/i18n/es";
import { fr } from "../../src/i18n/fr";

const OTHERS = { ar, de, es, fr };

function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

// A number can stand for a length here, too: so many hours, minutes and seconds.
for (const unit of ["hours", "minutes", "seconds"]) {
  Object.defineProperty(Number.prototype, unit, {
    get(this: number) {
      return this.valueOf();
    },
  });
}

/** What a text says for some count, name or time; texts that take nothing in say themselves. */
function said(text: unknown, count: number): string {
  if (typeof text !== "function") return String(text);
  return String((text as (...given: unknown[]) => unknown)(count, count, count));
}

describe("catalogues", () => {
  // That no text is missing is checked by the types; that none was left in English, here. What is the
  // same is the name of the product, or is the same word in that language.
  const same = new Set([
    ".common.brand",
    ".common.licences",
    ".common.no",
    ".consent.will.no",
    ".console.actions",
    ".console.gate.blocked",
    ".console.noRelease",
    ".door.microphone",
    ".watching.pause",
    ".watching.sources.microphone",
  ]);

  it.each(Object.entries(OTHERS))("are translated throughout: %s", (_, catalogue) => {
    const translated = new Map(leaves(catalogue));
    for (const [path, english] of leaves(en)) {
      expect(translated.has(path), path).toBe(true);
      if (typeof english === "string" && !same.has(path))
        expect(translated.get(path), path).not.toBe(english);
    }
  });

  it.each(Object.entries({ en, ...OTHERS }))(
    "have no text that begins or ends with a space, or is empty: %s",
    (_, catalogue) => {
      for (const [path, text] of leaves(catalogue)) {
        for (const count of [0, 1, 2, 3, 11, 100, 101]) {
          const words = said(text, count);
          expect(words.trim(), path).toBe(words);
          expect(words, path).not.toBe("");
          expect(words, path).not.toMatch(/undefined|NaN|\[object/);
        }
      }
    },
  );

  it("write Arabic in Arabic, without signs that turn its direction", () => {
    for (const [path, text] of leaves(ar)) {
      const words = said(text, 3);
      if (path !== ".common.brand" && !/^(\d+ ?[^\p{L}]*)*\d*$/u.test(words)) {
        if (/\p{L}/u.test(words)) expect(words, path).toMatch(/\p{Script=Arabic}/u);
      }
      expect(words, path).not.toMatch(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    }
    expect(ar.common.people(1)).toBe("شخص واحد");
    expect(ar.common.people(2)).toBe("شخصان");
    expect(ar.common.people(3)).toBe("3 أشخاص");
    expect(ar.common.people(11)).toBe("11 شخصًا");
    expect(ar.common.people(100)).toBe("100 شخص");
  });

  it("are chosen by what the person prefers", () => {
    expect(bestOf(["fr-FR", "de-CH", "en"], ["en", "de"])).toBe("de");
    expect(bestOf(["fr"], ["en", "de"])).toBe("en");
    expect(bestOf([], ["en", "de"])).toBe("en");
  });
});

describe("every language", () => {
  const languages = Object.keys(LANGUAGES);
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

  it("is one of those that there is a catalogue for", () => {
    expect(languages.sort()).toEqual(["en", ...Object.keys(OTHERS)].sort());
  });

  it.each(languages)("has a notice and a page of promises: %s", (language) => {
    expect(
      existsSync(new URL(`../../../server/assent/notices/${language}.md`, import.meta.url)),
    ).toBe(true);
    const promises = read(`../../src/promises/${language}.md`);
    const english = read("../../src/promises/en.md");
    const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
    // The same things are promised, and the same are not.
    expect(count(promises, /^- /gmu)).toBe(count(english, /^- /gmu));
    expect(count(promises, /^## /gmu)).toBe(2);
    const words = promises.split(/\s+/u).length;
    expect(words).toBeGreaterThan(230);
    expect(words).toBeLessThan(420); // one page
  });
});

// What two texts have in common: nothing is lost of either, and what is the same is not told as new.

import { describe, expect, it } from "vitest";

import { diffTexts, diffWords, type DiffBlock } from "../../src/pages/console/diff";

function side(blocks: readonly DiffBlock[], gone: "removed" | "added"): string {
  return blocks
    .map((block) =>
      block.kind === "same"
        ? block.lines.join("\n")
        : block.parts
            .filter(({ kind }) => kind !== gone)
            .map(({ text }) => text)
            .join(""),
    )
    .join("\n");
}

describe("words", () => {
  it("are the same where they are", () => {
    expect(diffWords("one two", "one two")).toEqual([{ kind: "same", text: "one two" }]);
    expect(diffWords("", "")).toEqual([]);
  });

  it("are told as removed and added where they are not", () => {
    expect(diffWords("kept for 5 days, then gone", "kept for 90 days, then gone")).toEqual([
      { kind: "same", text: "kept for " },
      { kind: "removed", text: "5 " },
      { kind: "added", text: "90 " },
      { kind: "same", text: "days, then gone" },
    ]);
    expect(diffWords("", "new")).toEqual([{ kind: "added", text: "new" }]);
    expect(diffWords("old", "")).toEqual([{ kind: "removed", text: "old" }]);
  });
});

describe("texts", () => {
  it("are compared by lines first", () => {
    expect(diffTexts("a\nb\nVersion 1.", "a\nb\nVersion 2.")).toEqual([
      { kind: "same", lines: ["a", "b"] },
      {
        kind: "changed",
        parts: [
          { kind: "same", text: "Version " },
          { kind: "removed", text: "1." },
          { kind: "added", text: "2." },
        ],
      },
    ]);
  });

  it.each([
    ["one\ntwo\nthree", "one\n2\nthree\nfour"],
    ["x\ny", "y\nx"],
    ["same", "same"],
    ["", "all\nnew"],
    ["the\nlast\nline", "last"],
    ["a a b a", "a b b a\na"],
  ])("lose nothing of either: %j, %j", (before, after) => {
    const blocks = diffTexts(before, after);
    // A line that is in one alone leaves an empty one in the other's place.
    const clean = (text: string): string => text.split("\n").filter(Boolean).join("\n");
    expect(clean(side(blocks, "added"))).toBe(clean(before));
    expect(clean(side(blocks, "removed"))).toBe(clean(after));
  });

  it("that are too long to compare stand for one another", () => {
    const many = (word: string): string => Array.from({ length: 2100 }, () => word).join(" ");
    expect(diffWords(many("a"), many("b")).map(({ kind }) => kind)).toEqual(["removed", "added"]);
  });
});

import type { VNode } from "preact";
import { describe, expect, it } from "vitest";

import { inline, parseBlocks, shortForm } from "../../src/ui/markdown";

/** What an element would look like as HTML, for comparing only. */
function html(part: unknown): string {
  if (Array.isArray(part)) return part.map(html).join("");
  if (typeof part === "string") return part.replaceAll("<", "&lt;");
  const { props, type } = part as VNode<{ children?: unknown; href?: string }>;
  const href = props.href === undefined ? "" : ` href=${props.href}`;
  return `<${String(type)}${href}>${html(props.children ?? "")}</${String(type)}>`;
}

describe("Markdown", () => {
  it("knows the blocks that notices are made of", () => {
    const blocks = parseBlocks(
      "# Title\n\nOne\ntwo\n\n- a\n- b\n  more\n\n1. x\n2. y\n\n---\n## Sub ##\n",
    );
    expect(blocks).toEqual([
      { kind: "heading", level: 1, text: "Title" },
      { kind: "paragraph", text: "One two" },
      { kind: "list", ordered: false, items: ["a", "b more"] },
      { kind: "list", ordered: true, items: ["x", "y"] },
      { kind: "rule" },
      { kind: "heading", level: 2, text: "Sub" },
    ]);
  });

  it("knows emphasis, code and links", () => {
    expect(html(inline("a **b *c* d** *e* `f*g*`"))).toBe(
      "a <strong>b <em>c</em> d</strong> <em>e</em> <code>f*g*</code>",
    );
    expect(html(inline("[us](https://a.example/x) <mailto:a@b.example>"))).toBe(
      "<a href=https://a.example/x>us</a> <a href=mailto:a@b.example>a@b.example</a>",
    );
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](data:text/html,hi)",
    "<javascript:alert(1)>",
    "[x](//evil.example)",
    "[x]( https://spaced.example)",
  ])("makes no link of %s", (text) => {
    expect(html(inline(text))).not.toContain("<a");
  });

  it("makes no elements of HTML", () => {
    expect(html(inline("<img src=x onerror=alert(1)> **<script>**"))).toBe(
      "&lt;img src=x onerror=alert(1)> <strong>&lt;script></strong>",
    );
  });

  it("gives what comes before the first section as the short form", () => {
    expect(shortForm("# What\n\nIn **short**.\n\n## More\n\nLong.")).toBe("In **short**.");
  });
});

// A small, safe reader of Markdown for notices: headings, paragraphs, lists, rules, strong and
// emphasised text, links. It builds elements and nothing else; what it does not know stays text.

import type { ComponentChildren, VNode } from "preact";

type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "paragraph"; text: string }
  | { kind: "list"; ordered: boolean; items: string[] }
  | { kind: "rule" };

export function parseBlocks(source: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) blocks.push({ kind: "paragraph", text: lines.join(" ") });
    lines = [];
  };
  for (const line of source.split(/\r?\n/)) {
    const heading = /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
    const item = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/.exec(line);
    if (heading !== null) {
      flush();
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" });
    } else if (/^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/.test(line)) {
      flush();
      blocks.push({ kind: "rule" });
    } else if (item !== null) {
      flush();
      const ordered = item[1] !== undefined;
      const last = blocks.at(-1);
      if (last?.kind === "list" && last.ordered === ordered) last.items.push(item[2] ?? "");
      else blocks.push({ kind: "list", ordered, items: [item[2] ?? ""] });
    } else if (line.trim() === "") {
      flush();
    } else {
      const last = blocks.at(-1);
      // An indented line goes on with the item before it.
      if (lines.length === 0 && last?.kind === "list" && /^\s{2,}/.test(line)) {
        last.items.push(`${last.items.pop() ?? ""} ${line.trim()}`);
      } else {
        lines.push(line.trim());
      }
    }
  }
  flush();
  return blocks;
}

const INLINE =
  /\*\*(?<strong>[^*]+(?:\*[^*]+\*[^*]*)*)\*\*|\*(?<emphasis>[^*\s](?:[^*]*[^*\s])?)\*|`(?<code>[^`]+)`|\[(?<label>[^\]]+)\]\((?<target>[^)\s]+)\)|<(?<bare>(?:https?:\/\/|mailto:)[^>\s]+)>/gu;

export function inline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(unescape(text.slice(at, match.index)));
    parts.push(element(match.groups ?? {}, match[0]));
    at = match.index + match[0].length;
  }
  parts.push(unescape(text.slice(at)));
  return parts.filter((part) => part !== "");
}

function element(groups: Record<string, string | undefined>, whole: string): ComponentChildren {
  const { bare, code, emphasis, label, strong, target } = groups;
  if (strong !== undefined) return <strong>{inline(strong)}</strong>;
  if (emphasis !== undefined) return <em>{inline(emphasis)}</em>;
  if (code !== undefined) return <code>{code}</code>;
  const address = target ?? bare ?? "";
  // Anything but these could be a script.
  if (!/^(?:https?:\/\/|mailto:)/i.test(address)) return whole;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {label ?? address.replace(/^mailto:/i, "")}
    </a>
  );
}

function unescape(text: string): string {
  return text.replace(/\\([\\`*_{}[\]()#+\-.!<>])/g, "$1");
}

interface Props {
  readonly source: string;
  readonly language: string;
  /** The level of the first heading on the page it stands in. */
  readonly level?: number;
}

export function Markdown({ language, level = 3, source }: Props): VNode {
  return (
    <div class="prose" lang={language} dir="auto">
      {parseBlocks(source).map((block) => show(block, level))}
    </div>
  );
}

function show(block: Block, level: number): VNode {
  switch (block.kind) {
    case "heading": {
      const Heading = `h${Math.min(6, block.level - 1 + level)}` as "h3";
      return <Heading>{inline(block.text)}</Heading>;
    }
    case "paragraph":
      return <p>{inline(block.text)}</p>;
    case "rule":
      return <hr />;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List>
          {block.items.map((item) => (
            <li>{inline(item)}</li>
          ))}
        </List>
      );
    }
  }
}

/** The beginning of a notice, up to its first section: what it says in short. */
export function shortForm(source: string): string {
  const blocks = source.split(/^##\s/mu)[0] ?? source;
  return blocks.replace(/^#\s+.*$/mu, "").trim();
}

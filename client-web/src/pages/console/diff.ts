// What two texts have in common: line by line, and within lines that differ word by word.

/** A stretch of words that stand in both, in the older alone, or in the newer alone. */
export interface WordPart {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** Lines that are the same in both, or a stretch where they differ. */
export type DiffBlock =
  | { readonly kind: "same"; readonly lines: readonly string[] }
  | { readonly kind: "changed"; readonly parts: readonly WordPart[] };

/** Beyond so many pairs nothing is compared: all of the one stands for all of the other. */
const MOST_PAIRS = 4_000_000;

export function diffTexts(before: string, after: string): DiffBlock[] {
  const blocks: DiffBlock[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = (): void => {
    if (removed.length + added.length === 0) return;
    blocks.push({ kind: "changed", parts: diffWords(removed.join("\n"), added.join("\n")) });
    removed = [];
    added = [];
  };
  for (const { item, kind } of diffItems(before.split("\n"), after.split("\n"))) {
    if (kind === "removed") removed.push(item);
    else if (kind === "added") added.push(item);
    else {
      flush();
      const last = blocks.at(-1);
      if (last?.kind === "same") blocks[blocks.length - 1] = same([...last.lines, item]);
      else blocks.push(same([item]));
    }
  }
  flush();
  return blocks;
}

function same(lines: readonly string[]): DiffBlock {
  return { kind: "same", lines };
}

export function diffWords(before: string, after: string): WordPart[] {
  const parts: WordPart[] = [];
  for (const { item, kind } of diffItems(wordsOf(before), wordsOf(after))) {
    const last = parts.at(-1);
    if (last?.kind === kind) parts[parts.length - 1] = { kind, text: last.text + item };
    else parts.push({ kind, text: item });
  }
  return parts;
}

/** Words, each with the blanks that follow it. */
function wordsOf(text: string): string[] {
  return text.match(/\s*\S+\s*|\s+/gu) ?? [];
}

interface Item {
  readonly kind: WordPart["kind"];
  readonly item: string;
}

/** The longest row of items that both have, and around it what only one has; removed ones first. */
function diffItems(before: readonly string[], after: readonly string[]): Item[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const of = (kind: Item["kind"], items: readonly string[]): Item[] =>
    items.map((item) => ({ kind, item }));
  return [
    ...of("same", before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...of("same", before.slice(before.length - tail)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): Item[] {
  const [rows, columns] = [before.length, after.length];
  const removed = (from: number): Item[] =>
    before.slice(from).map((item) => ({ kind: "removed", item }));
  const added = (from: number): Item[] =>
    after.slice(from).map((item) => ({ kind: "added", item }));
  if (rows * columns > MOST_PAIRS) return [...removed(0), ...added(0)];
  // How many items the rests from each pair on have in common.
  const width = columns + 1;
  const common = new Uint32Array((rows + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const items: Item[] = [];
  let [row, column] = [0, 0];
  while (row < rows && column < columns) {
    const [old, young] = [before[row] ?? "", after[column] ?? ""];
    if (old === young) {
      items.push({ kind: "same", item: old });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      items.push({ kind: "removed", item: old });
      row += 1;
    } else {
      items.push({ kind: "added", item: young });
      column += 1;
    }
  }
  return [...items, ...removed(row), ...added(column)];
}

// Two versions of the same words beside each other: what is new in one, and what is gone of the other.

import type { VNode } from "preact";
import { useMemo } from "preact/hooks";

import { language as page, t } from "../../i18n";
import { type DiffBlock, diffTexts, type WordPart } from "./diff";

/** Lines around a change that are shown with it. */
const AROUND = 1;

interface Props {
  readonly before: string;
  readonly after: string;
  readonly language: string;
  /** What is compared, for who does not see it. */
  readonly label: string;
}

export function Comparison({ after, before, label, language }: Props): VNode {
  const blocks = useMemo(() => diffTexts(before, after), [before, after]);
  return (
    <div
      class="comparison"
      lang={language}
      dir="auto"
      role="group"
      aria-label={label}
      data-comparison
    >
      {blocks.map((block, index) => (
        <Block key={index} block={block} first={index === 0} last={index === blocks.length - 1} />
      ))}
    </div>
  );
}

interface BlockProps {
  readonly block: DiffBlock;
  readonly first: boolean;
  readonly last: boolean;
}

function Block({ block, first, last }: BlockProps): VNode {
  if (block.kind === "changed") {
    return (
      <p>
        {block.parts.map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </p>
    );
  }
  const head = first ? [] : block.lines.slice(0, AROUND);
  const rest = first ? block.lines : block.lines.slice(AROUND);
  const tail = last ? [] : rest.slice(-AROUND);
  const left = rest.length - tail.length;
  return (
    <>
      {head.length > 0 && <p>{head.join("\n")}</p>}
      {left > 0 && (
        <p class="hint" lang={page.value.language} dir="auto">
          {t().console.notices.unchanged(left)}
        </p>
      )}
      {tail.length > 0 && <p>{tail.join("\n")}</p>}
    </>
  );
}

/** Said aloud as well: not every screen reader tells of `ins` and `del` by itself. */
function Part({ part }: { readonly part: WordPart }): VNode {
  const text = t().console.notices;
  if (part.kind === "same") return <span>{part.text}</span>;
  if (part.kind === "added") {
    return (
      <ins>
        <span class="unseen">{text.added} </span>
        {part.text}
      </ins>
    );
  }
  return (
    <del>
      <span class="unseen">{text.removed} </span>
      {part.text}
    </del>
  );
}

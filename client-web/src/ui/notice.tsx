// The words that people agree to: in short beside the questions, in full one click away.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { t, wanted } from "../i18n";
import { languageName } from "../i18n/format";
import { type Words, wordsFor } from "../meeting/entrance";
import { Dialog } from "./dialog";
import { Markdown, shortForm } from "./markdown";

/** The words that this person is shown, and so agrees to. */
export function shownWords(words: readonly Words[]): Words {
  return wordsFor(words, wanted()).words;
}

export function NoticeInShort({ words }: { readonly words: readonly Words[] }): VNode {
  const { exact, words: shown } = wordsFor(words, wanted());
  return (
    <div class="notice">
      {!exact && <p class="hint">{t().door.noticeOtherLanguage(languageName(shown.language))}</p>}
      <Markdown source={shortForm(shown.text)} language={shown.language} />
      <NoticeButton words={shown} />
    </div>
  );
}

export function NoticeButton({
  label,
  title,
  words,
}: {
  readonly words: Words;
  readonly label?: string;
  readonly title?: string;
}): VNode {
  const open = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="link"
        onClick={() => {
          open.value = true;
        }}
      >
        {label ?? t().door.notice}
      </button>
      {open.value && (
        <Dialog
          wide
          title={title ?? t().door.noticeTitle}
          onClose={() => {
            open.value = false;
          }}
        >
          <Markdown source={words.text} language={words.language} level={3} />
        </Dialog>
      )}
    </>
  );
}

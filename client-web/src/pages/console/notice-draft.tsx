// A version of the notice before it is published: as people will see it, beside the one in force,
// and for whom it changes what.

import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useId } from "preact/hooks";

import { asRefused, type Refused } from "../../api/errors";
import { api } from "../../api/http";
import {
  NOTICE_KINDS,
  type NoticeDraft,
  type NoticeKind,
  type NoticeStanding,
} from "../../api/types";
import { decode } from "../../crypto/bytes";
import { language as page, t } from "../../i18n";
import { languageName } from "../../i18n/format";
import { AskedButton } from "../../ui/asked";
import { Failure, refusalText } from "../../ui/failure";
import { NoticeInShort } from "../../ui/notice";
import { Comparison } from "./comparison";

interface Props {
  readonly draft: NoticeDraft;
  readonly standing: NoticeStanding;
  readonly busy: boolean;
  readonly onPublish: () => void;
}

export function DraftView({ busy, draft, onPublish, standing }: Props): VNode {
  const languages = draft.texts.both.map(({ language }) => language);
  const mine = page.value.language;
  const chosen = useSignal(languages.includes(mine) ? mine : (languages[0] ?? "en"));
  const kind = useSignal<NoticeKind>("both");
  const text = t().console.notices;
  const shown = draft.texts[kind.value].find(({ language }) => language === chosen.value);
  const inForce = standing.texts[kind.value].find(({ language }) => language === chosen.value);
  const { planned, running } = standing.meetings;
  return (
    <div class="stack" data-draft={draft.version}>
      <h3>{text.next(draft.version)}</h3>
      <div class="columns">
        <Select
          label={text.language}
          value={chosen}
          options={languages.map((id) => ({ id, name: languageName(id) }))}
        />
        <Select
          label={text.kind}
          value={kind}
          options={NOTICE_KINDS.map((id) => ({ id, name: text.kinds[id] }))}
        />
      </div>
      {shown !== undefined && (
        <>
          <h4>{text.asAtTheDoor}</h4>
          <div class="card" data-preview>
            <NoticeInShort words={[{ ...shown, digest: decode(shown.digest) }]} />
          </div>
          <p class="hint">
            SHA-256 <code dir="ltr">{shown.digest}</code>
          </p>
          <h4>{text.compared(standing.version)}</h4>
          {inForce === undefined ? (
            <p class="hint">{text.newLanguage}</p>
          ) : (
            <ComparedTo
              key={inForce.digest}
              digest={inForce.digest}
              after={shown}
              label={text.compared(standing.version)}
            />
          )}
        </>
      )}
      <h4>{text.forWhom}</h4>
      <ul>
        <li>{text.runningKeep(running)}</li>
        <li>{text.plannedKeep(planned)}</li>
        <li>{text.newGet(draft.version)}</li>
        <li>{text.answersStay}</li>
      </ul>
      <div>
        <AskedButton
          text={text.publish(draft.version)}
          look="button primary"
          disabled={busy}
          onAct={onPublish}
        >
          <p>{text.publishConfirm(draft.version)}</p>
        </AskedButton>
      </div>
    </div>
  );
}

interface ComparedProps {
  readonly digest: string;
  readonly after: { readonly language: string; readonly text: string };
  readonly label: string;
}

/** The words in force are fetched by their digest, as everybody can. */
function ComparedTo({ after, digest, label }: ComparedProps): VNode | null {
  const before = useSignal<string | null>(null);
  const refusal = useSignal<Refused | null>(null);
  useEffect(() => {
    void api.admin.noticeText(digest).then(
      ({ text }) => {
        before.value = text;
      },
      (error: unknown) => {
        refusal.value = asRefused(error);
      },
    );
  }, [before, digest, refusal]);
  if (refusal.value !== null) return <Failure>{refusalText(refusal.value)}</Failure>;
  if (before.value === null) return null;
  return (
    <Comparison before={before.value} after={after.text} language={after.language} label={label} />
  );
}

interface SelectProps<Id extends string> {
  readonly label: string;
  readonly value: Signal<Id>;
  readonly options: readonly { readonly id: Id; readonly name: string }[];
}

function Select<Id extends string>({ label, options, value }: SelectProps<Id>): VNode {
  const id = useId();
  const chosen = useComputed(() => value.value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={chosen.value}
        onChange={(event) => {
          const found = options.find((one) => one.id === event.currentTarget.value);
          if (found !== undefined) value.value = found.id;
        }}
      >
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  );
}

// The notice: which version is in force, and a new one with words of the administrator's own.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import type { Refused } from "../../api/errors";
import { api } from "../../api/http";
import { NOTICE_KINDS, type NoticeDraft, type NoticeStanding } from "../../api/types";
import { t } from "../../i18n";
import { dateTime, languageName } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { announce } from "../../ui/live";
import { useAttempt } from "./attempt";
import { DraftView } from "./notice-draft";
import { usePoller } from "./poller";

const EVERY_MS = 10_000;

export function Notices(): VNode {
  const writing = useSignal(false);
  const text = t().console.notices;
  const seen = usePoller(() => api.admin.notices(), EVERY_MS, "");
  const found = seen.answer.value;
  return (
    <section class="card stack" aria-labelledby="notices">
      <h2 id="notices">{text.title}</h2>
      <p class="hint">{text.hint}</p>
      {seen.refusal.value !== null && <Failure>{refusalText(seen.refusal.value)}</Failure>}
      {found !== null && <Standing standing={found} />}
      {found !== null && !writing.value && (
        <div>
          <button
            type="button"
            class="button"
            disabled={found.without_place.length > 0}
            onClick={() => {
              writing.value = true;
            }}
          >
            {text.write}
          </button>
        </div>
      )}
      {found !== null && writing.value && (
        <Editor
          standing={found}
          onClose={() => {
            writing.value = false;
          }}
          onPublished={() => {
            writing.value = false;
            announce(text.published);
            void seen.again();
          }}
        />
      )}
    </section>
  );
}

function Standing({ standing }: { readonly standing: NoticeStanding }): VNode {
  const text = t().console.notices;
  const { by, published_at: at, version, without_place: without } = standing;
  return (
    <>
      <p data-notice-version={version}>
        {text.inForce(version)}
        {at !== null && ` · ${dateTime(at)}`}
        {" · "}
        {by === null ? text.byServer : <bdi>{by.name}</bdi>}
      </p>
      {without.length > 0 && (
        <p class="field-error">{text.noPlace(without.map(languageName).join(", "))}</p>
      )}
      <details>
        <summary>{text.digests}</summary>
        <p class="hint">{text.immutable}</p>
        <ul class="digests">
          {NOTICE_KINDS.flatMap((kind) =>
            standing.texts[kind].map(({ digest, language }) => (
              <li key={`${kind} ${language}`}>
                {text.kinds[kind]}, {languageName(language)}: <code dir="ltr">{digest}</code>
              </li>
            )),
          )}
        </ul>
      </details>
    </>
  );
}

interface EditorProps {
  readonly standing: NoticeStanding;
  readonly onClose: () => void;
  readonly onPublished: () => void;
}

type Own = Readonly<Record<string, string>>;

function Editor({ onClose, onPublished, standing }: EditorProps): VNode {
  // What is being written is not written over by what is published meanwhile.
  const words = useSignal<Own>(standing.words);
  const draft = useSignal<NoticeDraft | null>(null);
  const { attempt, busy, refusal } = useAttempt();
  const text = t().console.notices;

  // What was refused is to be looked at anew.
  const act = async (work: () => Promise<void>): Promise<void> => {
    if (!(await attempt(work))) draft.value = null;
  };
  const preview = act.bind(null, async () => {
    draft.value = await api.admin.previewNotice(words.value);
  });
  const publish = act.bind(null, async () => {
    if (draft.value === null) return;
    await api.admin.publishNotice(words.value, draft.value.version);
    onPublished();
  });
  const blamed = refusal.value?.code === "bad-notice" ? refusal.value.field : null;
  const error = refusal.value === null ? null : noticeRefusalText(refusal.value);
  return (
    <div class="stack">
      <p>{text.fixed}</p>
      <details>
        <summary>{text.mayStand}</summary>
        <p>{text.markdown}</p>
        <p>{text.facts}</p>
        <p>
          <code dir="ltr">
            {"${operator} ${contact} ${retention_days} ${cooling_off} ${version}"}
          </code>
        </p>
        <p>{text.passages}</p>
        <pre dir="ltr">{"%% training offered\n…\n%% end"}</pre>
      </details>
      {Object.keys(standing.words).map((language) => (
        <WordsField
          key={language}
          language={language}
          most={standing.most}
          error={blamed === language ? error : null}
          value={words.value[language] ?? ""}
          onInput={(typed) => {
            words.value = { ...words.value, [language]: typed };
            draft.value = null;
          }}
        />
      ))}
      {error !== null && <Failure>{error}</Failure>}
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={busy.value}
          onClick={() => void preview()}
        >
          {text.preview}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t().common.cancel}
        </button>
      </div>
      {draft.value !== null && (
        <DraftView
          draft={draft.value}
          standing={standing}
          busy={busy.value}
          onPublish={() => void publish()}
        />
      )}
    </div>
  );
}

/** Why words were refused: where they cannot stand in a notice, in which language and why. */
export function noticeRefusalText(refusal: Refused): string {
  if (refusal.code !== "bad-notice" || refusal.reason === null) return refusalText(refusal);
  const reasons: Readonly<Record<string, string | undefined>> = t().console.notices.reasons;
  const why = reasons[refusal.reason] ?? refusal.message;
  return refusal.field === null ? why : `${languageName(refusal.field)}: ${why}`;
}

interface FieldProps {
  readonly language: string;
  readonly most: number;
  readonly error: string | null;
  readonly value: string;
  readonly onInput: (typed: string) => void;
}

function WordsField({ error, language, most, onInput, value }: FieldProps): VNode {
  const id = `own-words-${language}`;
  return (
    <div class="field">
      <label for={id}>{languageName(language)}</label>
      <textarea
        id={id}
        lang={language}
        dir="auto"
        rows={5}
        value={value}
        aria-invalid={error !== null}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          onInput(event.currentTarget.value);
        }}
      />
      <p id={`${id}-hint`} class={error === null ? "hint" : "field-error"}>
        {error ?? t().console.notices.length(Array.from(value).length, most)}
      </p>
    </div>
  );
}

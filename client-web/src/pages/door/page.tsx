// The door: who comes, how they look and sound, and what they are asked. Nothing has been sent yet.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import type { Answers } from "../../consent/answers";
import { Draft, NOTHING_SAID } from "../../consent/draft";
import type { ShownNotice } from "../../crypto/statement";
import { t, wanted } from "../../i18n";
import { wordsFor } from "../../meeting/entrance";
import type { MeetingSession } from "../../meeting/session";
import { prefer } from "../../store/preferences";
import { AnswerPanel } from "../../ui/answer-panel";
import { Failure, refusalText } from "../../ui/failure";
import { Field } from "../../ui/field";
import { cleanName } from "../../meeting/names";
import { announce } from "../../ui/live";
import { NoticeInShort } from "../../ui/notice";
import { Question } from "../../ui/question";
import { Shell, useFocusAtFirst } from "../../ui/shell";
import { Preview } from "./preview";

/** The words on this page, as a statement names them. */
export function shownBy(session: MeetingSession): ShownNotice {
  const { build, words } = session.entrance;
  const { words: shown } = wordsFor(words, wanted());
  return { notice: shown.digest, language: shown.language, build };
}

export function DoorPage({ session }: { readonly session: MeetingSession }): VNode {
  const { seat } = session.entrance;
  useEffect(() => {
    void session.media.startBoth();
  }, [session]);
  const { at } = session.stage.value;
  return (
    <Shell title={seat.title} wide>
      <h1>
        <bdi>{seat.title}</bdi>
      </h1>
      <div class="door">
        <Preview media={session.media} />
        {at === "waiting" ? (
          <Waiting session={session} />
        ) : (
          <Entry session={session} joining={at === "joining"} />
        )}
      </div>
    </Shell>
  );
}

function Entry({
  joining,
  session,
}: {
  readonly session: MeetingSession;
  readonly joining: boolean;
}): VNode {
  const { charter, seat, words } = session.entrance;
  const name = useSignal(seat.name);
  const nameMissing = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const draft = useMemo(() => new Draft(), []);
  const answers = session.identity.answers.value;
  const known = session.identity.known.value && answers !== null;
  const text = t().door;

  const join = (): void => {
    const typed = cleanName(name.value);
    nameMissing.value = typed === "";
    if (typed === "") {
      announce(text.nameMissing, true);
      form.current?.querySelector("input")?.focus();
      return;
    }
    if (!known) prefer({ name: typed });
    void session.join({ name: typed, draft, shown: shownBy(session) });
  };

  const action = charter.waitingRoom && !seat.host ? text.ask : text.join;
  const refused = session.refusal.value !== null && (
    <Failure>{refusalText(session.refusal.value)}</Failure>
  );
  return (
    <form
      ref={form}
      class="card stack door-entry"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        join();
      }}
    >
      {known ? (
        <>
          <p>{text.welcomeBack(seat.name)}</p>
          <Submit joining={joining} text={text.returnTo} focused />
          {refused}
        </>
      ) : (
        <Field
          label={text.name}
          value={name}
          hint={text.nameHint}
          error={nameMissing.value ? text.nameMissing : null}
          autoComplete="name"
          maxLength={512}
          required
        />
      )}
      {charter.recording ? (
        <section class="stack" aria-labelledby="questions">
          <h2 id="questions">{known ? t().receipt.now : text.questions}</h2>
          {!known && <p>{text.questionsIntro}</p>}
          <NoticeInShort words={words} />
          {known ? (
            <Returning session={session} answers={answers} />
          ) : (
            <Questions session={session} draft={draft} />
          )}
          <p class="hint">{text.change}</p>
        </section>
      ) : (
        <p>{text.never}</p>
      )}
      {!known && (
        <>
          {refused}
          <Submit joining={joining} text={action} />
        </>
      )}
    </form>
  );
}

interface SubmitProps {
  readonly joining: boolean;
  readonly text: string;
  /** Whether Return is all that is needed. */
  readonly focused?: boolean;
}

function Submit({ focused = false, joining, text }: SubmitProps): VNode {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (focused) button.current?.focus();
  }, [focused]);
  return (
    <button ref={button} type="submit" class="button primary large" disabled={joining}>
      {joining ? t().door.joining : text}
    </button>
  );
}

function Questions({
  draft,
  session,
}: {
  readonly session: MeetingSession;
  readonly draft: Draft;
}): VNode {
  const { charter, vaultKey } = session.entrance;
  const text = t().consent.training;
  const allowed = draft.allowsTraining(NOTHING_SAID);
  return (
    <>
      <Question
        purpose="recording"
        picked={draft.recording.value}
        clearable={draft.recording.value !== null}
        onPick={(pick) => {
          draft.pick("recording", pick);
          // A yes to training stands on a yes to recording and goes with it.
          if (pick !== "yes" && draft.training.value === "yes") draft.pick("training", null);
        }}
      />
      {charter.training && (
        <Question
          purpose="training"
          picked={draft.training.value}
          clearable={draft.training.value !== null}
          noYes={vaultKey === null ? text.noKey : allowed ? null : text.needsRecording}
          onPick={(pick) => {
            draft.pick("training", pick);
          }}
        >
          <p class="hint">{text.later}</p>
        </Question>
      )}
    </>
  );
}

function Returning({
  answers,
  session,
}: {
  readonly session: MeetingSession;
  readonly answers: Answers;
}): VNode {
  return <AnswerPanel answers={answers} shown={shownBy(session)} />;
}

function Waiting({ session }: { readonly session: MeetingSession }): VNode {
  const text = t().door;
  const link = session.identity.receiptLink;
  const heading = useFocusAtFirst<HTMLHeadingElement>();
  return (
    <section class="card stack door-entry" aria-labelledby="waiting">
      <h2 ref={heading} id="waiting" tabIndex={-1}>
        {text.waitingTitle}
      </h2>
      <p role="status" class="waiting">
        {text.waiting}
      </p>
      {link !== null && (
        <p>
          <a href={link} target="_blank" rel="noreferrer">
            {t().receiptLink.open}
          </a>
        </p>
      )}
      <button
        type="button"
        class="button"
        onClick={() => {
          session.leave();
        }}
      >
        {text.giveUp}
      </button>
    </section>
  );
}

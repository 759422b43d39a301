// A person's own answers: what they are, changing and withdrawing them. The same in the meeting, at
// the door of somebody who returns, and on the receipt page.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { Refused } from "../api/errors";
import type { Answers } from "../consent/answers";
import { Draft, withdraw } from "../consent/draft";
import { CryptoError } from "../crypto/errors";
import type { ShownNotice, Wish } from "../crypto/statement";
import type { Purpose, Will } from "../crypto/will";
import { t } from "../i18n";
import { Confirm } from "./dialog";
import { Failure, textOf } from "./failure";
import { announce } from "./live";
import { Question } from "./question";

/** What went wrong, and with what: it is said beside the button that was pressed. */
interface Trouble {
  readonly about: Purpose | "all";
  readonly text: string;
}

interface Props {
  readonly answers: Answers;
  /** The words shown beside the panel. */
  readonly shown: ShownNotice;
  /** Called after an answer has been taken. */
  readonly onSaid?: () => void;
}

export function AnswerPanel({ answers, onSaid, shown }: Props): VNode {
  const draft = useMemo(() => new Draft(), []);
  const problem = useSignal<Trouble | null>(null);
  const withdrawing = useSignal<Purpose | null>(null);
  const text = t().consent;
  // What was said last stands on the page, taken or not: a yes that was taken back is none.
  const before = answers.said;
  const pending = answers.pending.value !== null;
  const sending = answers.sending.value;

  const say = async (wish: Wish, about: Trouble["about"]): Promise<void> => {
    problem.value = null;
    try {
      await answers.say(wish, shown);
      draft.clear();
      announce(text.sent);
      onSaid?.();
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof CryptoError)) throw error;
      const text = error instanceof Refused ? textOf(error) : t().errors["bad-statement"];
      problem.value = { about, text };
    }
  };

  const shared = { answers, before, draft, problem: problem.value, say, sending, withdrawing };
  if (!answers.charter.recording) return <p>{text.nothingOffered}</p>;
  return (
    <div class="answer-panel">
      <One {...shared} purpose="recording" />
      {answers.charter.training ? (
        <One {...shared} purpose="training" />
      ) : (
        <p class="hint">{text.trainingNotOffered}</p>
      )}
      {draft.changes(before) && !pending && (
        <button
          type="button"
          class="button primary"
          disabled={sending}
          onClick={() => void say(draft.wish(before), "all")}
        >
          {sending ? text.sending : text.send}
        </button>
      )}
      {problem.value?.about === "all" && (
        <InView>
          <Failure>{problem.value.text}</Failure>
        </InView>
      )}
      {withdrawing.value !== null && (
        <Confirm
          title={text.confirmTitle}
          confirm={text.confirm}
          cancel={text.keep}
          onConfirm={() => {
            const purpose = withdrawing.value;
            if (purpose !== null) void say(withdraw(before, purpose), purpose);
          }}
          onClose={() => {
            withdrawing.value = null;
          }}
        >
          <WhatWithdrawingDoes purpose={withdrawing.value} before={before} />
        </Confirm>
      )}
    </div>
  );
}

function WhatWithdrawingDoes({
  before,
  purpose,
}: {
  readonly purpose: Purpose;
  readonly before: Wish;
}): VNode {
  const text = t().consent;
  return (
    <>
      {purpose === "recording" && <p>{text.confirmRecording}</p>}
      {purpose === "recording" && before.training === "yes" && <p>{text.onlyWithRecording}</p>}
      {(purpose === "training" || before.training === "yes") && <p>{text.confirmTraining}</p>}
      <p>{text.cannotUndo}</p>
    </>
  );
}

interface OneProps {
  readonly purpose: Purpose;
  readonly answers: Answers;
  readonly draft: Draft;
  readonly before: Wish;
  readonly sending: boolean;
  readonly problem: Trouble | null;
  readonly withdrawing: { value: Purpose | null };
  readonly say: (wish: Wish, about: Purpose) => Promise<void>;
}

/** What became of an answer, its beginning brought into view wherever the panel is scrolled to. */
function InView({
  children,
  stay = false,
}: {
  readonly children: ComponentChildren;
  readonly stay?: boolean;
}): VNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!stay) place.current?.scrollIntoView({ block: "start" });
  }, [stay]);
  return <div ref={place}>{children}</div>;
}

function One(props: OneProps): VNode {
  const { answers, before, problem, purpose } = props;
  const text = t().consent;
  const will = before[purpose];
  // Said, and not taken yet: it is no yes any more, and what follows from it has not begun.
  const waits = answers.pending.value !== null && answers.whole[purpose] !== will;
  // Where both wait, it is the first that is brought into view.
  const second = purpose === "training" && answers.whole.recording !== before.recording;
  return (
    <section class="own-answer" data-purpose={purpose} data-will={waits ? "not-taken" : will}>
      <div class="own-answer-head">
        <span>{text[purpose].short}</span>
        <strong class={`will will-${will}`}>{text.will[will]}</strong>
        {will === "unanswered" && <span class="hint">{text.counts}</span>}
      </div>
      {waits ? (
        <InView stay={second}>
          <p class="not-taken">
            <strong>{text.notTaken}</strong> {text.notTakenWhat}
          </p>
        </InView>
      ) : (
        <Standing {...props} will={will} />
      )}
      {problem?.about === purpose && (
        <InView>
          <Failure>{problem.text}</Failure>
        </InView>
      )}
    </section>
  );
}

function Standing({
  answers,
  before,
  draft,
  purpose,
  say,
  sending,
  will,
  withdrawing,
}: OneProps & { readonly will: Will }): VNode | null {
  const text = t().consent;
  if (will === "yes") {
    return (
      <button
        type="button"
        class="button"
        disabled={sending}
        onClick={() => {
          withdrawing.value = purpose;
        }}
      >
        {purpose === "recording" ? text.withdrawRecording : text.withdrawTraining}
      </button>
    );
  }
  if (will !== "withdrawn") return <Asking {...{ answers, before, draft, purpose }} />;
  const own = answers.last.value?.[purpose] === "withdrawn";
  if (purpose === "training") {
    return <p class="hint">{own ? text.withdrawnTraining : t().acts.byOthers}</p>;
  }
  return (
    <>
      <p class="hint">{own ? text.withdrawnRecording : t().acts.byOthers}</p>
      <button
        type="button"
        class="button"
        disabled={sending}
        onClick={() => void say({ ...before, recording: "yes" }, "recording")}
      >
        {text.againRecording}
      </button>
    </>
  );
}

function Asking({
  answers,
  before,
  draft,
  purpose,
}: Pick<OneProps, "answers" | "before" | "draft" | "purpose">): VNode {
  return (
    <Question
      purpose={purpose}
      picked={draft[purpose].value ?? (before[purpose] === "no" ? "no" : null)}
      clearable={draft[purpose].value !== null}
      noYes={purpose === "training" ? whyNoTraining(answers, draft, before) : null}
      onPick={(pick) => {
        draft.pick(purpose, pick);
        // A yes to training stands on a yes to recording and goes with it.
        if (!draft.allowsTraining(before) && draft.training.value === "yes")
          draft.pick("training", null);
      }}
    />
  );
}

function whyNoTraining(answers: Answers, draft: Draft, before: Wish): string | null {
  if (answers.vaultKey.value === null) return t().consent.training.noKey;
  return draft.allowsTraining(before) ? null : t().consent.training.needsRecording;
}

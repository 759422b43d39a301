// A person's own answers: what they are, changing and withdrawing them. The same in the meeting, at
// the door of somebody who returns, and on the receipt page.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";

import { Refused } from "../api/errors";
import type { Answers } from "../consent/answers";
import { Draft, withdraw } from "../consent/draft";
import { CryptoError } from "../crypto/errors";
import type { Shown, Wish } from "../crypto/statement";
import type { Purpose } from "../crypto/will";
import { t } from "../i18n";
import { Confirm } from "./dialog";
import { Failure, textOf } from "./failure";
import { announce } from "./live";
import { Question } from "./question";

interface Props {
  readonly answers: Answers;
  /** The words shown beside the panel. */
  readonly shown: Shown;
  /** Called after an answer has been taken. */
  readonly onSaid?: () => void;
}

export function AnswerPanel({ answers, onSaid, shown }: Props): VNode {
  const draft = useMemo(() => new Draft(), []);
  const problem = useSignal<string | null>(null);
  const withdrawing = useSignal<Purpose | null>(null);
  const text = t().consent;
  const before = answers.whole;
  const sending = answers.sending.value;

  const say = async (wish: Wish): Promise<void> => {
    problem.value = null;
    try {
      await answers.say(wish, shown);
      draft.clear();
      announce(text.sent);
      onSaid?.();
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof CryptoError)) throw error;
      problem.value = error instanceof Refused ? textOf(error) : t().errors["bad-statement"];
    }
  };

  if (!answers.charter.recording) return <p>{text.nothingOffered}</p>;
  return (
    <div class="answer-panel">
      <One {...{ answers, before, draft, sending, withdrawing }} purpose="recording" say={say} />
      {answers.charter.training ? (
        <One {...{ answers, before, draft, sending, withdrawing }} purpose="training" say={say} />
      ) : (
        <p class="hint">{text.trainingNotOffered}</p>
      )}
      {problem.value !== null && <Failure>{problem.value}</Failure>}
      {draft.changes(before) && (
        <button
          type="button"
          class="button primary"
          disabled={sending}
          onClick={() => void say(draft.wish(before))}
        >
          {sending ? text.sending : text.send}
        </button>
      )}
      {withdrawing.value !== null && (
        <Confirm
          title={text.confirmTitle}
          confirm={text.confirm}
          cancel={text.keep}
          onConfirm={() => {
            if (withdrawing.value !== null) void say(withdraw(before, withdrawing.value));
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
  readonly withdrawing: { value: Purpose | null };
  readonly say: (wish: Wish) => Promise<void>;
}

function One({ answers, before, draft, purpose, say, sending, withdrawing }: OneProps): VNode {
  const text = t().consent;
  const will = before[purpose];
  const asks = will === "unanswered" || will === "no";
  return (
    <section class="own-answer" data-purpose={purpose} data-will={will}>
      <div class="own-answer-head">
        <span>{text[purpose].short}</span>
        <strong class={`will will-${will}`}>{text.will[will]}</strong>
        {will === "unanswered" && <span class="hint">{text.counts}</span>}
      </div>
      {asks && <Asking {...{ answers, before, draft, purpose }} />}
      {will === "yes" && (
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
      )}
      {will === "withdrawn" && purpose === "training" && (
        <p class="hint">{text.withdrawnTraining}</p>
      )}
      {will === "withdrawn" && purpose === "recording" && (
        <>
          <p class="hint">{text.withdrawnRecording}</p>
          <button
            type="button"
            class="button"
            disabled={sending}
            onClick={() => void say({ ...before, recording: "yes" })}
          >
            {text.againRecording}
          </button>
        </>
      )}
    </section>
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

// Delete my part: withdrawing the yes to recording, and seeing that it was carried out.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Refused } from "../../api/errors";
import type { Record } from "../../api/types";
import type { Answers } from "../../consent/answers";
import { withdraw } from "../../consent/draft";
import { CryptoError } from "../../crypto/errors";
import type { CheckedRecord } from "../../crypto/record";
import type { ShownNotice } from "../../crypto/statement";
import { t } from "../../i18n";
import { exactTime } from "../../i18n/format";
import { Confirm } from "../../ui/dialog";
import { Failure, textOf } from "../../ui/failure";
import { announce } from "../../ui/live";

interface Props {
  readonly answers: Answers;
  readonly shown: ShownNotice;
  readonly record: Record;
  readonly checked: CheckedRecord;
  readonly onSaid: () => void;
}

export function DeletePart({ answers, checked, onSaid, record, shown }: Props): VNode | null {
  const asking = useSignal(false);
  const problem = useSignal<string | null>(null);
  const text = t().watching;
  const { recording } = answers.said;
  const own = record.deletions.filter((one) => !one.whole);
  const withdrawals =
    withdrawn(checked) + record.revoked.filter(({ purpose }) => purpose === "recording").length;
  if (record.destroyed_at !== null || (withdrawals === 0 && answers.whole.recording !== "yes"))
    return null;

  const remove = async (): Promise<void> => {
    problem.value = null;
    try {
      await answers.say(withdraw(answers.whole, "recording"), shown);
      announce(t().consent.sent);
      onSaid();
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof CryptoError)) throw error;
      problem.value = error instanceof Refused ? textOf(error) : t().errors["bad-statement"];
    }
  };

  // Each withdrawal is carried out by a deletion of its own, which the vault begins a moment later.
  const done = own.filter((one) => one.confirmed_at !== null);
  const state = done.length < withdrawals ? "asked" : withdrawals > 0 ? "done" : "none";
  const last = done.reduce((latest, one) => Math.max(latest, one.confirmed_at ?? 0), 0);
  return (
    <section class="card stack" aria-labelledby="delete-part" data-deletion={state}>
      <h2 id="delete-part">{text.deleteTitle}</h2>
      {state === "asked" && <p role="status">{text.deleting}</p>}
      {state === "done" && (
        <>
          <p role="status">{text.deletedAt(exactTime(last))}</p>
          <p class="hint">{text.deleteLimits}</p>
        </>
      )}
      {recording === "yes" && (
        <>
          <p>{text.deleteWhat}</p>
          <p>
            <button
              type="button"
              class="button danger"
              disabled={answers.sending.value}
              onClick={() => {
                asking.value = true;
              }}
            >
              {text.deletePart}
            </button>
          </p>
        </>
      )}
      {answers.pending.value !== null && (
        <p class="not-taken">
          {t().consent.notTaken} {t().consent.notTakenWhat}
        </p>
      )}
      {problem.value !== null && <Failure>{problem.value}</Failure>}
      {asking.value && (
        <Confirm
          title={text.deleteConfirm}
          confirm={text.deletePart}
          cancel={text.keepPart}
          onConfirm={() => void remove()}
          onClose={() => {
            asking.value = false;
          }}
        >
          <p>{t().consent.confirmRecording}</p>
          {answers.whole.training === "yes" && (
            <p>
              {t().consent.onlyWithRecording} {t().consent.confirmTraining}
            </p>
          )}
          <p>{t().consent.cannotUndo}</p>
        </Confirm>
      )}
    </section>
  );
}

/** How often a yes to recording was taken back. */
function withdrawn(checked: CheckedRecord): number {
  const wills = checked.answers.map(({ answer }) => answer.recording);
  return wills.filter((will, at) => will === "withdrawn" && wills[at - 1] !== "withdrawn").length;
}

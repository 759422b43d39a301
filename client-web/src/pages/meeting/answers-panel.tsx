// My answers, in the meeting: what they are, the words, and the personal link.

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { t, wanted } from "../../i18n";
import { wordsFor } from "../../meeting/entrance";
import type { MeetingSession } from "../../meeting/session";
import { AnswerPanel } from "../../ui/answer-panel";
import { Failure } from "../../ui/failure";
import { Check } from "../../ui/icons";
import { NoticeButton } from "../../ui/notice";
import { ReceiptLink } from "../../ui/receipt-link";
import { shownBy } from "../door/page";

export function AnswersPanel({ session }: { readonly session: MeetingSession }): VNode {
  const answers = session.identity.answers.value;
  const finding = session.watch.value?.finding.value ?? null;
  const recording = session.room.value?.capture === "recording";
  const { words } = wordsFor(session.entrance.words, wanted());
  const link = session.identity.receiptLink;
  useEffect(() => {
    session.identity.lookForVaultKey();
  }, [session]);
  return (
    <div class="stack">
      {session.refusal.value !== null && <Failure>{t().meeting.answerRefused}</Failure>}
      {answers !== null && <AnswerPanel answers={answers} shown={shownBy(session)} />}
      <p>
        <NoticeButton words={words} /> <span class="hint">{t().door.change}</span>
      </p>
      {recording && finding !== null && finding.problem === null && (
        <p class="checked">
          <Check /> {t().meeting.checked(finding.watchers)}
        </p>
      )}
      {link !== null && <ReceiptLink link={link} />}
    </div>
  );
}

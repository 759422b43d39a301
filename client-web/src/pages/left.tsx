// After the meeting: why it is over, the personal link once more, and the way back where there is one.

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { Refused } from "../api/errors";
import { t } from "../i18n";
import type { MeetingSession, Over } from "../meeting/session";
import { openSeats } from "../store/seats";
import { AskedButton } from "../ui/asked";
import { refusalText } from "../ui/failure";
import { announce } from "../ui/live";
import { ReceiptLink } from "../ui/receipt-link";
import { Shell, useFocusAtFirst } from "../ui/shell";
import { SaveReceipt } from "./receipt/save-receipt";

interface Props {
  readonly session: MeetingSession;
  readonly reason: Over;
}

export function LeftPage({ reason, session }: Props): VNode {
  const text = t().left;
  const title = reason instanceof Refused ? text.refused : text.titles[reason];
  const link = session.identity.receiptLink;
  // Before the enrolment there is nothing that the server could have signed for.
  const seed = session.identity.seat.enrolment === null ? null : session.identity.seat.seed;
  const heading = useFocusAtFirst<HTMLHeadingElement>();
  useEffect(() => {
    announce(title);
  }, [title]);
  return (
    <Shell title={title} narrow>
      <div class="card stack" data-reason={reason instanceof Refused ? reason.code : reason}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p>
          <bdi>{session.entrance.seat.title}</bdi>
        </p>
        {reason instanceof Refused && <p>{refusalText(reason)}</p>}
        <WayBack reason={reason} meeting={session.identity.seat.meeting} />
      </div>
      {link !== null && (
        <div class="card">
          <ReceiptLink link={link} />
        </div>
      )}
      {seed !== null && (
        <div class="card">
          <SaveReceipt meeting={session.identity.seat.meeting} seed={seed} />
        </div>
      )}
    </Shell>
  );
}

function WayBack({
  meeting,
  reason,
}: {
  readonly reason: Over;
  readonly meeting: string;
}): VNode | null {
  const text = t().left;
  const reload = (): void => {
    location.reload();
  };
  if (reason instanceof Refused) {
    if (reason.code !== "bad-token" && reason.code !== "already-enrolled") return null;
    return (
      <>
        <p>{text.asNewExplained}</p>
        <AskedButton
          text={text.asNew}
          onAct={() => {
            void openSeats()
              .then((store) => store.setAside(meeting))
              .then(reload);
          }}
        >
          <p>{text.asNewConfirm}</p>
        </AskedButton>
      </>
    );
  }
  const names = {
    left: text.again,
    denied: text.askAgain,
    replaced: text.here,
    restarting: text.again,
    crowded: text.again,
  };
  if (!(reason in names)) return null;
  return (
    <button type="button" class="button" onClick={reload}>
      {names[reason as keyof typeof names]}
    </button>
  );
}

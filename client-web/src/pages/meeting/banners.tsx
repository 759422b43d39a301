// What has to be known now, above the stage.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import type { Refused } from "../../api/errors";
import { t } from "../../i18n";
import { exactTime } from "../../i18n/format";
import { play } from "../../media/sounds";
import type { MeetingSession } from "../../meeting/session";
import { Failure, refusalText } from "../../ui/failure";
import { CopyButton } from "../../ui/copy";
import { Key, Warning } from "../../ui/icons";
import { announce } from "../../ui/live";
import { NotTaken } from "../../ui/not-taken";
import { Problem } from "../door/preview";
import { LogDisagrees } from "./log-disagrees";
import { SoundBlocked } from "./sound";
import { Unsigned } from "./unsigned";

/** The server keeps the room that is left for what people say and take back. */
const NO_ROOM: readonly string[] = ["space-low", "space-unknown", "answers-reserve-unavailable"];

interface Props {
  readonly session: MeetingSession;
  readonly refusal: Refused | null;
  readonly answersOpen: boolean;
  readonly onAnswers: () => void;
}

export function Banners({ answersOpen, onAnswers, refusal, session }: Props): VNode {
  const text = t().meeting;
  const room = session.room.value;
  const lost = session.conversation.state.value !== "open";
  const alarmed = (session.watch.value?.alarm.value ?? null) !== null;
  const disputedBy = room?.disputed_by ?? 0;
  const away = room?.problem === "media-unavailable";
  const media = (session.connections.trouble.value || away) && !lost;
  return (
    <section class="banners" aria-label={text.messages}>
      <GhostWarning session={session} />
      <Unsigned session={session} />
      <NotTaken />
      <LogDisagrees session={session} />
      {lost && (
        <div class="banner note" role="status" data-banner="reconnecting">
          <span class="spinner" aria-hidden="true" /> {text.reconnecting}
        </div>
      )}
      {media && (
        <div class="banner note" role="status">
          <span class="spinner" aria-hidden="true" /> {text.mediaTrouble}
        </div>
      )}
      {session.connections.weak.value && !lost && !media && (
        <div class="banner note" role="status" data-banner="weak">
          <Warning /> {text.weakConnection}
        </div>
      )}
      {room?.problem === "storage-unavailable" && <Failure>{text.storageTrouble}</Failure>}
      {NO_ROOM.includes(room?.problem ?? "") && <Failure>{text.noRoom}</Failure>}
      {room?.problem === "media-overloaded" && <Failure>{text.overloaded}</Failure>}
      {disputedBy > 0 && !alarmed && <Failure>{text.disputed(disputedBy)}</Failure>}
      {session.refusal.value !== null && <Failure>{text.answerRefused}</Failure>}
      {refusal !== null && <Failure>{refusalText(refusal)}</Failure>}
      <Acted session={session} />
      {!answersOpen && <KeepLink session={session} />}
      <Asked session={session} onAnswers={onAnswers} />
      <Problem media={session.media} kind="microphone" />
      <Problem media={session.media} kind="camera" />
      <SoundBlocked />
    </section>
  );
}

/** What the host or somebody else took back for this person, said once it was done. */
function Acted({ session }: { readonly session: MeetingSession }): VNode | null {
  const seen = useSignal(0);
  const acts = session.room.value?.you.revoked ?? [];
  const last = acts.at(-1) ?? null;
  const said =
    last === null
      ? null
      : t().acts.forYou[last.purpose](t().common.actors[last.by], exactTime(last.at));
  useEffect(() => {
    if (said !== null) announce(said, true);
  }, [said]);
  if (said === null || seen.value === acts.length) return null;
  return (
    <div class="banner note" role="status" data-banner="acted">
      <Warning />
      <div>
        <p>{said}</p>
        <p>{t().acts.forYou.hint}</p>
      </div>
      <button
        type="button"
        class="button small"
        onClick={() => {
          seen.value = acts.length;
        }}
      >
        {t().common.close}
      </button>
    </div>
  );
}

/** The personal link, right after it was made; the answers show it as well. */
function KeepLink({ session }: { readonly session: MeetingSession }): VNode | null {
  const text = t().receiptLink;
  const link = session.identity.receiptLink;
  if (link === null || session.identity.linkSeen.value) return null;
  return (
    <div class="banner keep" data-banner="keep-link">
      <Key />
      <div>
        {text.banner}
        {!session.identity.keepsKeys && <p>{text.notKept}</p>}
      </div>
      <div class="row">
        <CopyButton value={link} label={text.bannerCopy} text={text.bannerCopy} small />
        <button
          type="button"
          class="button small"
          onClick={() => {
            session.identity.linkSeen.value = true;
          }}
        >
          {text.bannerDone}
        </button>
      </div>
    </div>
  );
}

function GhostWarning({ session }: { readonly session: MeetingSession }): VNode | null {
  const alarm = session.watch.value?.alarm.value ?? null;
  const problem = alarm?.problem ?? null;
  const text = t().meeting;
  useEffect(() => {
    if (problem === null) return;
    play("alarm");
    announce(`${text.ghostTitle}. ${text.ghost[problem]} ${text.ghostWhat}`, true);
  }, [problem, text]);
  if (problem === null) return null;
  return (
    <div class="banner trouble" role="alert" data-banner="ghost" data-problem={problem}>
      <Warning />
      <div>
        <strong>{text.ghostTitle}</strong>
        <p>{text.ghost[problem]}</p>
        <p>{text.ghostWhat}</p>
      </div>
    </div>
  );
}

function Asked({
  onAnswers,
  session,
}: {
  readonly session: MeetingSession;
  readonly onAnswers: () => void;
}): VNode | null {
  const answered = useSignal(0);
  const asked = session.asked.value;
  const text = t().meeting;
  useEffect(() => {
    if (asked > 0) announce(text.asked);
  }, [asked, text]);
  // Whoever has agreed already has nothing to do.
  const agreed = session.identity.answers.value?.whole.recording === "yes";
  if (asked === answered.value || agreed) return null;
  const done = (): void => {
    answered.value = asked;
  };
  return (
    <div class="banner note" role="status" data-banner="asked">
      <div>{text.asked}</div>
      <button
        type="button"
        class="button small"
        onClick={() => {
          done();
          onAnswers();
        }}
      >
        {text.askedOpen}
      </button>
      <button type="button" class="button small" onClick={done}>
        {text.notNow}
      </button>
    </div>
  );
}

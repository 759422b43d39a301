// The start page: hosts make meetings, send their links, and see their state.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useEffect } from "preact/hooks";

import { asRefused, type Refused } from "../api/errors";
import { api } from "../api/http";
import type { Account, Meeting } from "../api/types";
import { t } from "../i18n";
import { dateTime } from "../i18n/format";
import { renewLink } from "../meeting/founding";
import { onKept } from "../store/kept";
import { addressOf, joinLink } from "../store/links";
import { useAccount } from "../ui/account";
import { ActFor } from "../ui/acts";
import { AskedButton } from "../ui/asked";
import { CopyButton, CopyField } from "../ui/copy";
import { Confirm } from "../ui/dialog";
import { Failure, refusalText } from "../ui/failure";
import { Shell } from "../ui/shell";
import { calendarFile } from "./calendar";
import { NewMeeting } from "./new-meeting";
import { SignIn, SignOutButton } from "./sign-in";

/** So many meetings are shown, and so many more each time that is asked for. */
const AT_FIRST = 50;

export function StartPage(): VNode {
  const { signedIn, who } = useAccount();
  if (!who.known) {
    return (
      <Shell title={t().common.brand} narrow>
        {who.refusal !== null && <Failure>{refusalText(who.refusal)}</Failure>}
      </Shell>
    );
  }
  return who.account === null ? <SignIn onSignedIn={signedIn} /> : <Start account={who.account} />;
}

function Start({ account }: { readonly account: Account }): VNode {
  const meetings = useSignal<readonly Meeting[] | null>(null);
  const most = useSignal(AT_FIRST);
  const more = useSignal(false);
  const created = useSignal<{ meeting: Meeting; link: string } | null>(null);
  const refusal = useSignal<Refused | null>(null);
  const text = t().start;

  const load = useCallback(async () => {
    try {
      const { more: goesOn, rows } = await api.meetings(most.value);
      meetings.value = rows;
      more.value = goesOn;
      refusal.value = null;
    } catch (error) {
      refusal.value = asRefused(error);
    }
  }, [meetings, more, most, refusal]);
  useEffect(() => void load(), [load]);

  return (
    <Shell
      title={text.title}
      aside={
        <>
          <span class="hint">{text.signedInAs(account.name)}</span>
          {account.role === "administrator" && <a href="/admin">{text.console}</a>}
          <SignOutButton />
        </>
      }
    >
      <h1>{text.title}</h1>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      {created.value !== null && <Created {...created.value} />}
      <div class="columns">
        <NewMeeting
          onCreated={(meeting, link) => {
            created.value = { meeting, link: addressOf(meeting.id, link) };
            void load();
          }}
        />
        <section class="card stack" aria-labelledby="mine">
          <h2 id="mine">{text.mine}</h2>
          {meetings.value?.length === 0 && <p class="hint">{text.none}</p>}
          <ul class="list">
            {meetings.value?.map((meeting) => (
              <Row
                key={meeting.id}
                meeting={meeting}
                onChanged={() => void load()}
                onRefused={(one) => {
                  refusal.value = one;
                }}
              />
            ))}
          </ul>
          {more.value && (
            <button
              type="button"
              class="button"
              onClick={() => {
                most.value += AT_FIRST;
                void load();
              }}
            >
              {t().common.more}
            </button>
          )}
        </section>
      </div>
    </Shell>
  );
}

function Created({ link, meeting }: { readonly meeting: Meeting; readonly link: string }): VNode {
  const text = t().start;
  return (
    <section class="card accent stack" aria-labelledby="created">
      <h2 id="created">
        {text.created}: <bdi>{meeting.title}</bdi>
      </h2>
      <CopyField label={text.link} value={link} button={text.copyLink} hint={text.linkHint} />
      <div class="row">
        <a class="button primary" href={`/m/${meeting.id}`}>
          {text.open}
        </a>
        <Calendar meeting={meeting} link={link} />
      </div>
    </section>
  );
}

function Calendar({ link, meeting }: { readonly meeting: Meeting; readonly link: string }): VNode {
  const save = (): void => {
    const file = new Blob([calendarFile(meeting.title, link, meeting.id, Date.now())], {
      type: "text/calendar",
    });
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(file);
    anchor.download = "meeting.ics";
    anchor.click();
    setTimeout(() => {
      URL.revokeObjectURL(anchor.href);
    }, 10_000);
  };
  return (
    <button type="button" class="button" onClick={save}>
      {t().start.calendar}
    </button>
  );
}

interface RowProps {
  readonly meeting: Meeting;
  readonly onChanged: () => void;
  readonly onRefused: (refusal: Refused) => void;
}

type State = "planned" | "running" | "ended" | "expired";

function stateOf(meeting: Meeting): State {
  if (meeting.ended_at !== null) return "ended";
  if (meeting.expires_at <= Date.now()) return "expired";
  return meeting.started_at === null ? "planned" : "running";
}

function Row({ meeting, onChanged, onRefused }: RowProps): VNode {
  const ending = useSignal(false);
  const link = useSignal(joinLink(meeting.id));
  useEffect(
    () =>
      onKept(() => {
        link.value = joinLink(meeting.id); // another page may have made a new one
      }),
    [link, meeting.id],
  );
  const text = t().start;
  const state = stateOf(meeting);
  const open = state === "planned" || state === "running";
  const offered = meeting.training ? "training" : meeting.recording ? "recording" : "none";

  const act = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      onChanged();
    } catch (error) {
      onRefused(asRefused(error));
    }
  };

  return (
    <li class="list-row" data-meeting={meeting.id} data-state={state}>
      <div>
        <strong>
          <bdi>{meeting.title}</bdi>
        </strong>{" "}
        <span class={`badge state-${state}`}>{text.state[state]}</span>
        <p class="hint">
          {text.offered[offered]} ·{" "}
          {meeting.ended_at !== null
            ? text.endedAt(dateTime(meeting.ended_at))
            : state === "running" && meeting.started_at !== null
              ? text.since(dateTime(meeting.started_at))
              : text.until(dateTime(meeting.expires_at))}
        </p>
      </div>
      {open && (
        <div class="row">
          <a
            class="button small"
            href={`/m/${meeting.id}`}
            aria-label={`${text.open}: ${meeting.title}`}
          >
            {text.open}
          </a>
          {link.value !== null && (
            <CopyButton
              value={link.value}
              label={`${text.copyLink}: ${meeting.title}`}
              text={text.copyLink}
              small
            />
          )}
          {link.value !== null && (
            <AskedButton
              text={text.newLink}
              label={`${text.newLink}: ${meeting.title}`}
              look="button small"
              hint={text.newLinkExplained}
              onAct={() =>
                void act(async () => {
                  await renewLink(meeting.id);
                  link.value = joinLink(meeting.id);
                })
              }
            >
              <p>{text.newLinkConfirm}</p>
            </AskedButton>
          )}
          <button
            type="button"
            class="button small"
            aria-label={`${text.end}: ${meeting.title}`}
            onClick={() => {
              ending.value = true;
            }}
          >
            {text.end}
          </button>
        </div>
      )}
      {open && link.value === null && <p class="hint">{text.linkElsewhere}</p>}
      {meeting.started_at !== null && (
        <div class="row">
          <ActFor
            meeting={meeting}
            recording={meeting.recording}
            training={meeting.training}
            onChanged={onChanged}
          />
        </div>
      )}
      {ending.value && (
        <Confirm
          title={text.end}
          confirm={text.end}
          onConfirm={() =>
            void act(async () => {
              await api.endMeeting(meeting.id);
            })
          }
          onClose={() => {
            ending.value = false;
          }}
        >
          <p>{text.endConfirm(meeting.title)}</p>
        </Confirm>
      )}
    </li>
  );
}

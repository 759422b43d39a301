// Taking back for others, only toward less: withdraw for a person, delete their part, delete a meeting.
// The same for a host, on the start page and in the meeting, and for an administrator in the console.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useEffect } from "preact/hooks";

import { asRefused, type Refused } from "../api/errors";
import { api } from "../api/http";
import type { Act, ListedPerson, PeopleOfMeeting } from "../api/types";
import { t } from "../i18n";
import { dateTime, exactTime } from "../i18n/format";
import { Confirm, Dialog } from "./dialog";
import { Failure, refusalText } from "./failure";
import { announce } from "./live";

interface Props {
  readonly meeting: { readonly id: string; readonly title: string };
  /** What the meeting offers; what was never asked cannot be taken back. */
  readonly training: boolean;
  readonly recording: boolean;
  readonly onChanged?: () => void;
}

interface Wish {
  readonly purpose: Act["purpose"];
  readonly person: ListedPerson | null;
}

/** The button that opens it all. */
export function ActFor(props: Props): VNode {
  const open = useSignal(false);
  const text = t().acts;
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={text.title(props.meeting.title)}
        onClick={() => {
          open.value = true;
        }}
      >
        {text.open}
      </button>
      {open.value && (
        <ActsDialog
          {...props}
          onClose={() => {
            open.value = false;
          }}
        />
      )}
    </>
  );
}

function ActsDialog({
  meeting,
  onChanged,
  onClose,
  recording,
  training,
}: Props & { readonly onClose: () => void }): VNode {
  const found = useSignal<PeopleOfMeeting | null>(null);
  const refusal = useSignal<Refused | null>(null);
  const wish = useSignal<Wish | null>(null);
  const text = t().acts;

  const load = useCallback(async (): Promise<void> => {
    try {
      found.value = await api.peopleOf(meeting.id);
    } catch (error) {
      refusal.value = asRefused(error);
    }
  }, [found, meeting.id, refusal]);
  useEffect(() => void load(), [load]);

  const act = async ({ person, purpose }: Wish): Promise<void> => {
    refusal.value = null;
    try {
      await api.revoke(meeting.id, person?.person ?? null, purpose);
      announce(text.done);
      onChanged?.();
    } catch (error) {
      refusal.value = asRefused(error);
    }
    await load();
  };
  const ask = (purpose: Act["purpose"], person: ListedPerson | null): void => {
    wish.value = { purpose, person };
  };

  const people = found.value?.people ?? [];
  const deleted = found.value?.deleted ?? null;
  return (
    <Dialog title={text.title(meeting.title)} onClose={onClose} wide>
      <div class="stack" data-acts={meeting.id}>
        <p>{text.explained}</p>
        <p class="hint">{text.names}</p>
        {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
        {deleted !== null && (
          <p role="status" data-deleted>
            {text.doneBy.meeting(t().common.actors[deleted.by], dateTime(deleted.at))}
          </p>
        )}
        {found.value !== null && people.length === 0 && <p class="hint">{text.nobody}</p>}
        <ul class="list">
          {people.map((person) => (
            <One key={person.person} {...{ person, recording, training }} onAsk={ask} />
          ))}
        </ul>
        {deleted === null && (
          <p>
            <button
              type="button"
              class="button danger"
              onClick={() => {
                ask("meeting", null);
              }}
            >
              {text.deleteMeeting}
            </button>
          </p>
        )}
      </div>
      {wish.value !== null && (
        <Confirm
          title={titleOf(wish.value, meeting.title)}
          confirm={text[BUTTONS[wish.value.purpose]]}
          onConfirm={() => {
            if (wish.value !== null) void act(wish.value);
          }}
          onClose={() => {
            wish.value = null;
          }}
        >
          <p>{text.what[wish.value.purpose]}</p>
          <p>{text.cannotUndo}</p>
        </Confirm>
      )}
    </Dialog>
  );
}

const BUTTONS = {
  training: "withdraw",
  recording: "deletePart",
  meeting: "deleteMeeting",
} as const;

function titleOf({ person, purpose }: Wish, title: string): string {
  const text = t().acts.confirm;
  return purpose === "meeting" ? text.meeting(title) : text[purpose](person?.name ?? "");
}

interface OneProps {
  readonly person: ListedPerson;
  readonly training: boolean;
  readonly recording: boolean;
  readonly onAsk: (purpose: Act["purpose"], person: ListedPerson) => void;
}

function One({ onAsk, person, recording, training }: OneProps): VNode {
  const text = t().acts;
  const done = new Set(person.revoked.map(({ purpose }) => purpose));
  return (
    <li class="list-row" data-person={person.person}>
      <span>
        <strong>
          <bdi>{person.name}</bdi>
        </strong>{" "}
        {person.host && <span class="badge">{t().common.host}</span>}
        {person.revoked.map((act) => (
          <span
            class="hint"
            key={`${act.purpose}${act.sequence.toString()}`}
            data-act={act.purpose}
          >
            {text.doneBy[act.purpose](t().common.actors[act.by], dateTime(act.at))}
          </span>
        ))}
      </span>
      <span class="row">
        {training && !done.has("training") && !done.has("recording") && (
          <button
            type="button"
            class="button small"
            aria-label={`${text.withdraw}: ${person.name}`}
            onClick={() => {
              onAsk("training", person);
            }}
          >
            {text.withdraw}
          </button>
        )}
        {recording && (
          <button
            type="button"
            class="button small danger"
            aria-label={`${text.deletePart}: ${person.name}`}
            onClick={() => {
              onAsk("recording", person);
            }}
          >
            {text.deletePart}
          </button>
        )}
      </span>
    </li>
  );
}

/** What others took back for the person whose page this is: who, when, and what that leaves. */
export function TakenBack({ acts }: { readonly acts: readonly Act[] }): VNode | null {
  const text = t().acts;
  if (acts.length === 0) return null;
  return (
    <section class="card stack accent" aria-labelledby="taken-back">
      <h2 id="taken-back">{text.forYou.title}</h2>
      <ul class="list">
        {acts.map((act) => (
          <li key={`${act.purpose}${act.sequence.toString()}`} data-act={act.purpose}>
            {text.forYou[act.purpose](t().common.actors[act.by], exactTime(act.at))}
          </li>
        ))}
      </ul>
      <p class="hint">{text.forYou.hint}</p>
    </section>
  );
}

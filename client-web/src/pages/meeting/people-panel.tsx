// Who is here, the recorder among them; and for hosts: the door, and the end.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Refused } from "../../api/errors";
import { decode } from "../../crypto/bytes";
import type { Enrolled } from "../../crypto/host-certificate";
import { t } from "../../i18n";
import type { MeetingSession } from "../../meeting/session";
import type { Room, RoomPerson } from "../../signalling/messages";
import { joinLink } from "../../store/links";
import { ActFor } from "../../ui/acts";
import { CopyButton } from "../../ui/copy";
import { Confirm } from "../../ui/dialog";
import { CameraOff, Check, MicrophoneOff, Record } from "../../ui/icons";
import { announce } from "../../ui/live";
import { Introduced, WithoutLink } from "./introduced";
import { Avatar } from "./tile";

interface Props {
  readonly session: MeetingSession;
  readonly room: Room;
  readonly onHost: (work: Promise<void>) => void;
}

export function PeoplePanel({ onHost, room, session }: Props): VNode {
  const text = t().people;
  const { host } = session.identity.seat;
  return (
    <div class="stack">
      {room.waiting.length > 0 && (
        <section class="stack" aria-labelledby="waiting">
          <h3 id="waiting">{text.waiting}</h3>
          <ul class="people">
            {room.waiting.map(({ name, person }) => (
              <li class="person" key={person} data-person={person}>
                <Avatar name={name} person={person} />
                <span class="person-name">
                  <bdi>{name}</bdi>
                  <Introduced {...{ person, session }} />
                </span>
                <span class="person-actions">
                  <button
                    type="button"
                    class="button small primary"
                    aria-label={text.admit(name)}
                    onClick={() => {
                      onHost(admit(session, person));
                    }}
                  >
                    {text.admitShort}
                  </button>
                  <button
                    type="button"
                    class="button small"
                    aria-label={text.deny(name)}
                    onClick={() => {
                      onHost(session.asHost({ type: "deny", person }));
                    }}
                  >
                    {text.denyShort}
                  </button>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <WithoutLink session={session} />
      <ul class="people" aria-label={text.title}>
        {room.people.map((person) => (
          <Person key={person.person} {...{ host, onHost, person, room, session }} />
        ))}
        {session.entrance.charter.recording &&
          room.absent_hosts.map((person) => (
            <Absent key={person.person} {...{ person, session }} />
          ))}
        {room.recorder && (
          <li class="person is-recorder" data-recorder>
            <span class="avatar recorder" aria-hidden="true">
              <Record />
            </span>
            <span class="person-name">
              {text.recorder}
              <span class="hint">{text.recorderExplained}</span>
            </span>
          </li>
        )}
      </ul>
      {host && <HostTools {...{ onHost, room, session }} />}
    </div>
  );
}

/** A host who has gone: named, for the keys of what is recorded now are made for them, too. */
function Absent({
  person: { name, person },
  session,
}: {
  readonly person: RoomPerson;
  readonly session: MeetingSession;
}): VNode {
  return (
    <li class="person" data-absent-host={person}>
      <Avatar name={name} person={person} />
      <span class="person-name">
        <bdi>{name}</bdi>
        <span class="badge">{t().common.host}</span>
        <span class="hint">{t().people.absentHost}</span>
        <Introduced {...{ person, session }} />
      </span>
    </li>
  );
}

interface PersonProps extends Props {
  readonly person: RoomPerson;
  readonly host: boolean;
}

function Person({ host, onHost, person, room, session }: PersonProps): VNode {
  const removing = useSignal(false);
  const text = t().people;
  const self = person.person === room.you.person;
  const silent = !person.sources.includes("microphone") || person.muted.includes("microphone");
  const certifiable = certifiableAs(session, person);
  const dark = !person.sources.includes("camera") || person.muted.includes("camera");
  return (
    <li class="person" data-person={person.person}>
      <Avatar name={person.name} person={person.person} />
      <span class="person-name">
        <bdi>{person.name}</bdi>
        {self && ` (${t().common.you})`}
        {person.host && <span class="badge">{t().common.host}</span>}
        {!person.connected && <span class="hint">{t().meeting.away}</span>}
        <Introduced person={person.person} session={session} />
        {typeof person.agreed === "boolean" && (
          <span class="hint">
            {person.agreed && <Check />}
            {person.agreed ? text.agreed : text.notAgreed}
          </span>
        )}
      </span>
      {silent && (
        <span class="person-sign" title={t().meeting.muted}>
          <MicrophoneOff />
        </span>
      )}
      {dark && (
        <span class="person-sign">
          <CameraOff />
        </span>
      )}
      {person.host && !self && certifiable !== null && (
        <button
          type="button"
          class="button small"
          aria-label={text.certify(person.name)}
          onClick={() => {
            onHost(session.hosting.certify(certifiable));
          }}
        >
          {text.certifyShort}
        </button>
      )}
      {host && !self && !person.host && (
        <button
          type="button"
          class="button small quiet"
          aria-label={text.remove(person.name)}
          onClick={() => {
            removing.value = true;
          }}
        >
          {text.removeShort}
        </button>
      )}
      {person.silenced
        .filter((source) => source === "microphone" || source === "camera")
        .map((source) => (
          <span class="person-note hint" key={source} data-silenced={source}>
            {self ? t().deviceNotes[source].silenced : t().deviceNotes[source].theirs(person.name)}
          </span>
        ))}
      {removing.value && (
        <Confirm
          title={text.remove(person.name)}
          confirm={text.removeShort}
          onConfirm={() => {
            onHost(session.act({ what: "remove", person: decode(person.person) }));
          }}
          onClose={() => {
            removing.value = false;
          }}
        >
          <p>{text.removeConfirm(person.name)}</p>
        </Confirm>
      )}
    </li>
  );
}

/** Let in whoever it is that has signed this enrolment, and nobody else under their name. */
async function admit(session: MeetingSession, person: string): Promise<void> {
  const enrolment = session.introductions.known.peek().get(person)?.enrolment ?? null;
  if (enrolment === null) throw new Refused("bad-statement");
  await session.act({ what: "admit", person: decode(person), enrolment: decode(enrolment) });
}

/** Whom this browser can make a host, and the meeting does not know for one yet. */
function certifiableAs(session: MeetingSession, { host, person }: RoomPerson): Enrolled | null {
  const enrolment = session.introductions.known.value.get(person)?.enrolment ?? null;
  const { hosting } = session;
  if (!host || enrolment === null || !hosting.holdsKey.value || hosting.isHost(person)) return null;
  const { meeting } = session.entrance.charter;
  return { meeting, person: decode(person), digest: decode(enrolment) };
}

function HostTools({ onHost, room, session }: Props): VNode {
  const ending = useSignal(false);
  const text = t().people;
  const link = joinLink(session.identity.seat.meeting);
  return (
    <section class="stack host-tools" aria-labelledby="host-tools">
      <h3 id="host-tools">{text.hostTitle}</h3>
      {!session.hosting.isHost(room.you.person) && (
        <p class="hint" data-uncertified>
          {text.uncertified}
        </p>
      )}
      {link === null ? (
        <p class="hint">{t().start.linkElsewhere}</p>
      ) : (
        <CopyButton value={link} label={text.copyLink} text={text.copyLink} />
      )}
      <button
        type="button"
        class="button"
        onClick={() => {
          onHost(session.asHost({ type: "lock", locked: !room.locked }));
        }}
      >
        {room.locked ? text.unlock : text.lock}
      </button>
      {room.locked && <p class="hint">{text.locked}</p>}
      {session.entrance.charter.recording && (
        <>
          <button
            type="button"
            class="button"
            title={text.askAgainHint}
            onClick={() => {
              onHost(
                session.asHost({ type: "ask_again" }).then(() => {
                  announce(text.askedDone);
                }),
              );
            }}
          >
            {text.askAgain}
          </button>
          <p class="hint">{text.askAgainHint}</p>
        </>
      )}
      {session.entrance.charter.recording && (
        <ActFor
          meeting={{ id: session.identity.seat.meeting, title: room.title }}
          recording={session.entrance.charter.recording}
          training={session.entrance.charter.training}
        />
      )}
      <button
        type="button"
        class="button danger"
        onClick={() => {
          ending.value = true;
        }}
      >
        {text.endForAll}
      </button>
      {ending.value && (
        <Confirm
          title={text.endForAll}
          confirm={text.endForAll}
          onConfirm={() => {
            onHost(session.asHost({ type: "end" }));
          }}
          onClose={() => {
            ending.value = false;
          }}
        >
          <p>{text.endConfirm}</p>
        </Confirm>
      )}
    </section>
  );
}

// Every meeting, with what the gate says of it and why.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { asRefused, type Refused } from "../../api/errors";
import { api } from "../../api/http";
import type { AdminMeeting } from "../../api/types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { ActFor } from "../../ui/acts";
import { Confirm } from "../../ui/dialog";
import { Failure, refusalText } from "../../ui/failure";
import { droppedText, reasonText } from "./reasons";

interface Props {
  readonly meetings: readonly AdminMeeting[];
  readonly onChanged: () => void;
}

function offeredBy({ recording, training }: AdminMeeting): {
  recording: boolean;
  training: boolean;
} {
  return { recording, training };
}

export function Meetings({ meetings, onChanged }: Props): VNode {
  const text = t().console;
  const { columns } = text;
  return (
    <section class="card stack" aria-labelledby="meetings">
      <h2 id="meetings">{text.meetings}</h2>
      <p class="hint">{text.counted}</p>
      {meetings.length === 0 ? (
        <p class="hint">{text.noMeetings}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="meetings">
          <table class="cards-on-phone">
            <thead>
              <tr>
                {[
                  columns.meeting,
                  columns.people,
                  columns.recording,
                  columns.training,
                  columns.stretches,
                  columns.gate,
                  columns.release,
                  text.actions,
                ].map((name) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {meetings.map((meeting) => (
                <tr key={meeting.id} data-meeting={meeting.id}>
                  <th scope="row">
                    <bdi>{meeting.title}</bdi>
                    <span class="hint">{dateTime(meeting.created_at)}</span>
                  </th>
                  <td data-label={columns.people}>{meeting.people}</td>
                  <td data-label={columns.recording}>
                    {meeting.recording ? meeting.agreed_recording : "–"}
                  </td>
                  <td data-label={columns.training}>
                    {meeting.training ? meeting.agreed_training : "–"}
                  </td>
                  <td data-label={columns.stretches}>{meeting.generations}</td>
                  <td data-label={columns.gate}>
                    <Gate meeting={meeting} />
                  </td>
                  <td data-label={columns.release}>
                    <Release meeting={meeting} />
                  </td>
                  <td data-label={text.actions}>
                    <EndMeeting meeting={meeting} onEnded={onChanged} />
                    {meeting.deleted === null ? (
                      <ActFor {...{ meeting, onChanged }} {...offeredBy(meeting)} />
                    ) : (
                      <span class="hint" data-deleted>
                        {t().acts.doneBy.meeting(
                          t().common.actors[meeting.deleted.by],
                          dateTime(meeting.deleted.at),
                        )}
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Asked before, for it cannot be undone; nothing where it is over already. */
function EndMeeting({
  meeting,
  onEnded,
}: {
  readonly meeting: AdminMeeting;
  readonly onEnded: () => void;
}): VNode {
  const asking = useSignal(false);
  const refusal = useSignal<Refused | null>(null);
  const text = t().console;
  if (meeting.ended_at !== null) return <span class="hint">–</span>;
  const end = async (): Promise<void> => {
    refusal.value = null;
    try {
      await api.endMeeting(meeting.id);
      onEnded();
    } catch (error) {
      refusal.value = asRefused(error);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button"
        aria-label={`${text.endMeeting}: ${meeting.title}`}
        onClick={() => {
          asking.value = true;
        }}
      >
        {text.endMeeting}
      </button>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      {asking.value && (
        <Confirm
          title={text.endTitle(meeting.title)}
          confirm={text.endMeeting}
          onConfirm={() => void end()}
          onClose={() => {
            asking.value = false;
          }}
        >
          <p>{text.endBody}</p>
        </Confirm>
      )}
    </>
  );
}

function Gate({ meeting }: { readonly meeting: AdminMeeting }): VNode {
  const text = t().console.gate;
  const { gate } = meeting;
  if (gate === null) return <span class="hint">{text.unknown}</span>;
  const open = gate.decision === "release";
  return (
    <div data-decision={gate.decision}>
      <span class={`badge ${open ? "gate-open" : "gate-closed"}`}>
        {open ? text.release : text.blocked}
      </span>
      {gate.reasons.length > 0 && (
        <ul class="reasons">
          {gate.reasons.map((reason) => (
            <li key={reason.code} data-reason={reason.code}>
              {reasonText(reason)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Release({ meeting }: { readonly meeting: AdminMeeting }): VNode {
  const text = t().console;
  const { release } = meeting;
  if (release === null) return <span class="hint">{text.noRelease}</span>;
  return (
    <span data-release={release.state}>
      {text.release[release.state](dateTime(release.ready_at))}
      {release.reason !== null && (
        <span class="hint"> ({droppedText(release.reason, meeting.gate)})</span>
      )}
    </span>
  );
}

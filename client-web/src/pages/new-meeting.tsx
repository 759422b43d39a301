// The form for a new meeting: what may be asked in it is settled here, for good.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { asRefused, type Refused } from "../api/errors";
import type { Meeting } from "../api/types";
import { t } from "../i18n";
import { found } from "../meeting/founding";
import { RoomStore } from "../store/rooms";
import type { StoredLink } from "../store/seats";
import { Failure, refusalText } from "../ui/failure";
import { CheckBox, Field } from "../ui/field";

const DAY = 24;
const LIFETIMES = [1, 4, DAY, 7 * DAY, 30 * DAY, 365 * DAY];

export function NewMeeting({
  onCreated,
}: {
  readonly onCreated: (meeting: Meeting, link: StoredLink) => void;
}): VNode {
  const title = useSignal("");
  const recording = useSignal(true);
  const training = useSignal(false);
  const waitingRoom = useSignal(false);
  const lifetime = useSignal(DAY);
  const busy = useSignal(false);
  const refusal = useSignal<Refused | null>(null);
  const id = useId();
  const text = t().start;

  const create = async (): Promise<void> => {
    busy.value = true;
    refusal.value = null;
    try {
      const wish = {
        title: title.value,
        recording: recording.value,
        training: training.value,
        waitingRoom: waitingRoom.value,
        lifetimeHours: lifetime.value,
      };
      const { link, meeting } = await found(wish, new RoomStore(), Date.now());
      title.value = "";
      onCreated(meeting, link);
    } catch (error) {
      refusal.value = asRefused(error);
    } finally {
      busy.value = false;
    }
  };

  const named = refusal.value?.field === "title";
  return (
    <form
      class="card stack"
      aria-labelledby={`${id}-title`}
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <h2 id={`${id}-title`}>{text.newMeeting}</h2>
      <Field
        label={text.name}
        value={title}
        required
        maxLength={512}
        error={named && refusal.value !== null ? refusalText(refusal.value) : null}
      />
      <Either
        legend={text.recording}
        value={recording.value}
        yes={text.recordingOffered}
        no={text.recordingNever}
        onChange={(offered) => {
          recording.value = offered;
        }}
      />
      {recording.value && (
        <Either
          legend={text.training}
          value={training.value}
          yes={text.trainingOffered}
          no={text.trainingNever}
          onChange={(offered) => {
            training.value = offered;
          }}
        />
      )}
      <p class="hint">{text.fixed}</p>
      <CheckBox
        label={text.waitingRoom}
        checked={waitingRoom.value}
        onChange={(checked) => {
          waitingRoom.value = checked;
        }}
      />
      <div class="field">
        <label for={`${id}-lifetime`}>{text.lifetime}</label>
        <select
          id={`${id}-lifetime`}
          value={String(lifetime.value)}
          onChange={(event) => {
            lifetime.value = Number(event.currentTarget.value);
          }}
        >
          {LIFETIMES.map((hours) => (
            <option value={String(hours)}>
              {hours < DAY ? text.hours(hours) : text.days(hours / DAY)}
            </option>
          ))}
        </select>
      </div>
      {refusal.value !== null && !named && <Failure>{refusalText(refusal.value)}</Failure>}
      <button type="submit" class="button primary" disabled={busy.value}>
        {text.create}
      </button>
    </form>
  );
}

interface EitherProps {
  readonly legend: string;
  readonly value: boolean;
  readonly yes: string;
  readonly no: string;
  readonly onChange: (value: boolean) => void;
}

function Either({ legend, no, onChange, value, yes }: EitherProps): VNode {
  const id = useId();
  return (
    <fieldset class="either">
      <legend>{legend}</legend>
      {([true, false] as const).map((one) => (
        <label class="check">
          <input
            type="radio"
            name={id}
            checked={value === one}
            onChange={() => {
              onChange(one);
            }}
          />
          <span>{one ? yes : no}</span>
        </label>
      ))}
    </fieldset>
  );
}

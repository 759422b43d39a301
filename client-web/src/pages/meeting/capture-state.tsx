// The recording state, always in view: what it is, and how many have agreed. It opens the answers.

import type { VNode } from "preact";

import { t } from "../../i18n";
import type { Room } from "../../signalling/messages";
import { Dot, Lock, Pause, Ring } from "../../ui/icons";

interface Props {
  readonly room: Room;
  readonly recordable: boolean;
  readonly expanded: boolean;
  readonly onOpen: () => void;
}

const ICONS = { off: Ring, paused: Pause, recording: Dot };

export function CaptureState({ expanded, onOpen, recordable, room }: Props): VNode {
  const text = t().meeting;
  if (!recordable) {
    return (
      <p class="capture capture-never" data-capture="never">
        <Lock /> {text.never}
      </p>
    );
  }
  const Icon = ICONS[room.capture];
  const state = text.capture[room.capture];
  const count = text.agreed(room.agreed, room.present);
  return (
    <button
      type="button"
      class={`capture capture-${room.capture}`}
      data-capture={room.capture}
      data-agreed={room.agreed}
      data-present={room.present}
      aria-label={text.stateButton(state, count)}
      aria-expanded={expanded}
      onClick={onOpen}
    >
      <Icon />
      <span class="capture-state">{state}</span>
      <span class="capture-count">{count}</span>
    </button>
  );
}

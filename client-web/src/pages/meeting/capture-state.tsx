// The recording state, always in view: what it is, and how many have agreed. It opens the answers.

import type { VNode } from "preact";

import { t } from "../../i18n";
import type { Room } from "../../signalling/messages";
import { Dot, Lock, Pause, Ring } from "../../ui/icons";

interface Props {
  readonly room: Room;
  readonly recordable: boolean;
  /** Whether the server can be heard; what it said last may not be true any more. */
  readonly known: boolean;
  readonly expanded: boolean;
  readonly onOpen: () => void;
}

const ICONS = { off: Ring, paused: Pause, recording: Dot, unknown: Ring };

/** How many have agreed, as far as one is told: in a small meeting a number would name somebody. */
function counted({ agreed, all_agreed: all, present }: Room): string {
  const text = t().meeting;
  if (agreed !== null) return text.agreed(agreed, present);
  return all === true ? text.allAgreed : text.notAllAgreed;
}

export function CaptureState({ expanded, known, onOpen, recordable, room }: Props): VNode {
  const text = t().meeting;
  if (!recordable) {
    return (
      <p class="capture capture-never" data-capture="never">
        <Lock /> {text.never}
      </p>
    );
  }
  const capture = known ? room.capture : "unknown";
  const Icon = ICONS[capture];
  const state = text.capture[capture];
  const count = counted(room);
  return (
    <button
      type="button"
      class={`capture capture-${capture}`}
      data-capture={capture}
      data-agreed={room.agreed}
      data-all-agreed={room.all_agreed}
      data-present={room.present}
      aria-label={text.stateButton(state, count)}
      aria-expanded={expanded}
      onClick={onOpen}
    >
      <Icon />
      <span class="capture-state">{state}</span> <span class="capture-count">· {count}</span>
    </button>
  );
}

// What the others say: one audio element for each track. Browsers may keep a page silent until it
// has been clicked; then a button says so.

import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../../i18n";
import { audioContext } from "../../media/sounds";
import { speaker } from "../../media/speaker";
import { keyOf, type Received } from "../../media/subscriber";
import type { MeetingSession } from "../../meeting/session";
import { SOURCES } from "../../signalling/tracks";
import { Speaker } from "../../ui/icons";

const blocked = signal(false);
const elements = new Set<HTMLAudioElement>();

export function Sound({ session }: { readonly session: MeetingSession }): VNode {
  const audible = [...session.connections.received.value.values()].filter(
    ({ source }) => !SOURCES[source].video,
  );
  return (
    <div hidden>
      {audible.map((one) => (
        <Voice key={keyOf(one.person, one.source)} received={one} />
      ))}
    </div>
  );
}

function Voice({ received }: { readonly received: Received }): VNode {
  const audio = useRef<HTMLAudioElement>(null);
  const { person, source, track } = received;
  useEffect(() => {
    const element = audio.current;
    if (element === null) return undefined;
    element.srcObject = new MediaStream([track]);
    elements.add(element);
    speaker.add(element);
    void play(element);
    return () => {
      elements.delete(element);
      speaker.remove(element);
      element.srcObject = null;
    };
  }, [track]);
  return <audio ref={audio} autoPlay data-person={person} data-source={source} />;
}

async function play(element: HTMLAudioElement): Promise<void> {
  try {
    await element.play();
  } catch (error) {
    // AbortError: the track was replaced before it could begin.
    if (error instanceof DOMException && error.name === "NotAllowedError") blocked.value = true;
  }
}

export function SoundBlocked(): VNode | null {
  if (!blocked.value) return null;
  const text = t().meeting;
  return (
    <div class="banner note" role="alert">
      <Speaker />
      <div>{text.soundBlocked}</div>
      <button
        type="button"
        class="button primary"
        onClick={() => {
          blocked.value = false;
          void audioContext().resume();
          for (const element of elements) void play(element);
        }}
      >
        {text.soundOn}
      </button>
    </div>
  );
}

// The meeting: the state of the recording on top, everybody in the middle, the controls below, and
// one panel at a time beside them.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Refused } from "../../api/errors";
import { t } from "../../i18n";
import { play } from "../../media/sounds";
import { changesBetween, type Change, soundFor } from "../../meeting/changes";
import { asksBeforeLeaving } from "../../meeting/leaving";
import type { MeetingSession } from "../../meeting/session";
import type { Room } from "../../signalling/messages";
import { prefer, preferences } from "../../store/preferences";
import { Dialog } from "../../ui/dialog";
import { CheckBox } from "../../ui/field";
import { Close, Keyboard } from "../../ui/icons";
import { announce } from "../../ui/live";
import { useFocusAtFirst, useTitle } from "../../ui/shell";
import { AnswersPanel } from "./answers-panel";
import { Banners } from "./banners";
import { CaptureState } from "./capture-state";
import { Controls, toggleCamera, toggleMute } from "./controls";
import { DevicePanel } from "./device-panel";
import type { Panel } from "./panel";
import { PeoplePanel } from "./people-panel";
import { Sound } from "./sound";
import { Stage } from "./stage";

const REFUSAL_MS = 8000;

export function InsidePage({ session }: { readonly session: MeetingSession }): VNode {
  const panel = useSignal<Panel | null>(null);
  const refusal = useSignal<Refused | null>(null);
  const shortcuts = useSignal(false);
  const room = session.room.value;
  const text = t().meeting;
  const main = useFocusAtFirst<HTMLElement>();
  useTitle(session.identity.seat.title);
  useChanges(session);
  useAskedBeforeLeaving(session);
  useShortcuts(session, {
    panel: (wanted) => {
      panel.value = panel.value === wanted ? null : wanted;
    },
    help: () => {
      shortcuts.value = true;
    },
  });

  const onHost = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      refusal.value = error;
      setTimeout(() => {
        if (refusal.value === error) refusal.value = null;
      }, REFUSAL_MS);
    });
  };
  const open = (wanted: Panel): void => {
    panel.value = panel.value === wanted ? null : wanted;
  };

  if (room === null) throw new Error("whoever is inside has seen the room");
  return (
    <div class={`meeting ${panel.value === null ? "" : "has-panel"}`} data-stage="inside">
      <header class="meeting-head">
        <h1 class="meeting-title">
          <bdi>{room.title}</bdi>
        </h1>
        <CaptureState
          room={room}
          recordable={session.entrance.charter.recording}
          known={session.conversation.state.value === "open"}
          expanded={panel.value === "answers"}
          onOpen={() => {
            open("answers");
          }}
        />
        <button
          type="button"
          class="button icon-only quiet shortcuts-button"
          aria-label={text.shortcuts}
          title={`${text.shortcuts} (?)`}
          onClick={() => {
            shortcuts.value = true;
          }}
        >
          <Keyboard />
        </button>
      </header>
      <Banners
        session={session}
        refusal={refusal.value}
        answersOpen={panel.value === "answers"}
        onAnswers={() => {
          panel.value = "answers";
        }}
      />
      <main ref={main} class="meeting-main" aria-label={text.main} tabIndex={-1}>
        <Stage session={session} />
      </main>
      {panel.value !== null && (
        <Side
          key={panel.value} // each begins at its top, wherever the one before was scrolled to
          title={titleOf(panel.value)}
          onClose={() => {
            panel.value = null;
          }}
        >
          {panel.value === "people" && (
            <PeoplePanel session={session} room={room} onHost={onHost} />
          )}
          {panel.value === "answers" && <AnswersPanel session={session} />}
          {panel.value === "device" && <DevicePanel session={session} />}
        </Side>
      )}
      <footer class="meeting-foot">
        <Controls session={session} panel={panel.value} onPanel={open} onHost={onHost} />
      </footer>
      <Sound session={session} />
      {shortcuts.value && (
        <Shortcuts
          onClose={() => {
            shortcuts.value = false;
          }}
        />
      )}
    </div>
  );
}

function titleOf(panel: Panel): string {
  switch (panel) {
    case "people":
      return t().people.title;
    case "answers":
      return t().meeting.answers;
    case "device":
      return t().door.devices;
  }
}

interface SideProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly onClose: () => void;
}

function Side({ children, onClose, title }: SideProps): VNode {
  return (
    <aside
      class="side"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header class="side-head">
        <h2>{title}</h2>
        <button
          type="button"
          class="button icon-only quiet"
          aria-label={`${t().common.close}: ${title}`}
          onClick={onClose}
        >
          <Close />
        </button>
      </header>
      <div class="side-body">{children}</div>
    </aside>
  );
}

function Shortcuts({ onClose }: { readonly onClose: () => void }): VNode {
  const text = t().meeting;
  const used = useSignal(preferences().shortcuts);
  return (
    <Dialog title={text.shortcuts} onClose={onClose}>
      <CheckBox
        label={text.useShortcuts}
        checked={used.value}
        onChange={(use) => {
          used.value = use;
          prefer({ shortcuts: use });
        }}
      />
      <dl class="shortcuts">
        {Object.entries(text.shortcutList).map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

/** Closing, reloading and going back are asked about, by the browser in its own words. */
function useAskedBeforeLeaving(session: MeetingSession): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (asksBeforeLeaving(session.room.peek(), session.identity.keyKept)) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
    };
  }, [session]);
}

/** Say and sound what has changed, for those who do not look. */
function useChanges(session: MeetingSession): void {
  const before = useRef<Room | null>(null);
  const room = session.room.value;
  useEffect(() => {
    if (room === null) return;
    const changes = changesBetween(before.current, room);
    before.current = room;
    const sound = soundFor(changes);
    if (sound !== null) play(sound);
    if (changes.length > 0) announce(changes.map(wordsOf).join(" "));
  }, [room]);
}

function wordsOf(change: Change): string {
  const text = t().meeting.announce;
  switch (change.kind) {
    case "joined":
    case "left":
    case "waiting":
      return text[change.kind](change.name);
    default:
      return text[change.kind];
  }
}

interface Actions {
  readonly panel: (panel: Panel) => void;
  readonly help: () => void;
}

function useShortcuts(session: MeetingSession, actions: Actions): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target))
        return;
      // Speech input types letters too: they can be switched off (WCAG 2.2, 2.1.4).
      if (!preferences().shortcuts) return;
      switch (event.key.toLowerCase()) {
        case "m":
          toggleMute(session);
          announce(
            session.media.muted.value ? t().meeting.announce.muted : t().meeting.announce.unmuted,
          );
          break;
        case "v":
          toggleCamera(session);
          break;
        case "p":
          current.current.panel("people");
          break;
        case "a":
          current.current.panel("answers");
          break;
        case "d":
          current.current.panel("device");
          break;
        case "?":
          current.current.help();
          break;
        default:
      }
    };
    window.addEventListener("keydown", press);
    return () => {
      window.removeEventListener("keydown", press);
    };
  }, [session]);
}

/** Letters are for shortcuts only where nobody is typing or choosing with them. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog") !==
      null
  );
}

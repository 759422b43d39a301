// The bar of controls: what everybody has, and what hosts have besides.

import type { ComponentChildren, VNode } from "preact";

import { t } from "../../i18n";
import type { MeetingSession } from "../../meeting/session";
import {
  Answers,
  Camera,
  CameraOff,
  Leave,
  Microphone,
  MicrophoneOff,
  OtherDevice,
  People,
  Record,
  Screen,
  Stop,
} from "../../ui/icons";
import type { Panel } from "./panel";

interface Props {
  readonly session: MeetingSession;
  readonly panel: Panel | null;
  readonly onPanel: (panel: Panel) => void;
  readonly onHost: (work: Promise<void>) => void;
}

export function Controls({ onHost, onPanel, panel, session }: Props): VNode {
  const room = session.room.value;
  const text = t().meeting;
  const { media } = session;
  const silent = media.muted.value || media.microphone.track.value === null;
  const dark = media.camera.track.value === null;
  const held = {
    microphone: media.silence.microphone.value === "system",
    camera: media.silence.camera.value === "system",
  };
  const sharing = media.screen.value !== null;
  const { host } = session.identity.seat;
  return (
    <div class="controls" role="toolbar" aria-label={text.controls}>
      <Control
        label={silent ? text.unmute : text.mute}
        hotkey="M"
        hint={held.microphone ? text.mutedBySystem : undefined}
        off={silent || held.microphone}
        onClick={() => {
          toggleMute(session);
        }}
      >
        {silent || held.microphone ? <MicrophoneOff /> : <Microphone />}
      </Control>
      <Control
        label={dark ? text.cameraOn : text.cameraOff}
        hotkey="V"
        hint={held.camera ? text.darkenedBySystem : undefined}
        off={dark || held.camera}
        onClick={() => {
          toggleCamera(session);
        }}
      >
        {dark || held.camera ? <CameraOff /> : <Camera />}
      </Control>
      {media.canShareScreen && (
        <Control
          label={sharing ? text.stopSharing : text.share}
          active={sharing}
          onClick={() => {
            if (sharing) media.stopScreen();
            // Refused means that the person thought better of it.
            else media.shareScreen().catch(() => undefined);
          }}
        >
          <Screen />
        </Control>
      )}
      <span class="controls-gap" />
      <Control
        label={text.peopleButton(room?.people.length ?? 0)}
        hotkey="P"
        active={panel === "people"}
        badge={room?.waiting.length ?? 0}
        onClick={() => {
          onPanel("people");
        }}
      >
        <People />
      </Control>
      <Control
        label={text.answers}
        hotkey="A"
        active={panel === "answers"}
        onClick={() => {
          onPanel("answers");
        }}
      >
        <Answers />
      </Control>
      <Control
        label={t().door.devices}
        hotkey="D"
        active={panel === "device"}
        onClick={() => {
          onPanel("device");
        }}
      >
        <OtherDevice />
      </Control>
      {host && session.entrance.charter.recording && room !== null && (
        <Control
          label={room.armed ? text.stopRecording : text.startRecording}
          hint={room.armed ? undefined : text.startHint}
          active={room.armed}
          onClick={() => {
            onHost(arm(session, !room.armed));
          }}
        >
          {room.armed ? <Stop /> : <Record />}
        </Control>
      )}
      <span class="controls-gap" />
      <Control
        label={text.leave}
        danger
        onClick={() => {
          session.leave();
        }}
      >
        <Leave />
      </Control>
    </div>
  );
}

/** To begin has to be signed; to stop has not, where this browser's person can sign nothing. */
function arm(session: MeetingSession, recording: boolean): Promise<void> {
  const me = session.room.peek()?.you.person ?? null;
  if (!recording && !session.hosting.isHost(me)) return session.asHost({ type: "disarm" });
  return session.act({ what: "arm", recording });
}

export function toggleMute({ media }: MeetingSession): void {
  if (media.microphone.track.value === null) {
    media.mute(false);
    void media.start("microphone");
  } else {
    media.mute(!media.muted.value);
  }
}

export function toggleCamera({ media }: MeetingSession): void {
  if (media.camera.track.value === null) void media.start("camera");
  else media.darken();
}

interface ControlProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly hotkey?: string;
  readonly hint?: string | undefined;
  readonly off?: boolean;
  readonly active?: boolean;
  readonly danger?: boolean;
  readonly badge?: number;
}

function Control({
  active,
  badge = 0,
  children,
  danger,
  hint,
  hotkey,
  label,
  off,
  onClick,
}: ControlProps): VNode {
  const title = [label, hint, hotkey && `(${hotkey})`].filter(Boolean).join(" ");
  const look = [
    off === true && "is-off",
    active === true && "is-active",
    danger === true && "is-danger",
  ];
  return (
    <button
      type="button"
      class={`control ${look.filter(Boolean).join(" ")}`}
      title={title}
      aria-label={label}
      aria-keyshortcuts={hotkey}
      onClick={onClick}
    >
      <span class="control-icon">
        {children}
        {badge > 0 && <span class="control-badge" data-count={badge} />}
      </span>
      <span class="control-label" aria-hidden="true">
        {label}
      </span>
    </button>
  );
}

// Camera preview, microphone level, choice of devices, and a sound to test the output.

import { useComputed, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { t } from "../../i18n";
import { meter } from "../../media/level";
import type { Kind, LocalMedia } from "../../media/local";
import { audioContext, play } from "../../media/sounds";
import { speaker } from "../../media/speaker";
import { CheckBox } from "../../ui/field";
import { Camera, CameraOff, Microphone, MicrophoneOff, Warning } from "../../ui/icons";
import { announce } from "../../ui/live";

export function Preview({ media }: { readonly media: LocalMedia }): VNode {
  const text = t().door;
  return (
    <section class="card stack preview" aria-label={text.preview}>
      <Picture media={media} />
      <div class="row centred">
        <MicrophoneSwitch media={media} />
        <CameraSwitch media={media} />
      </div>
      <p class="hint centred">{text.staysHere}</p>
      <Problem media={media} kind="microphone" />
      <Problem media={media} kind="camera" />
      <Level media={media} />
      <details class="devices">
        <summary>{text.devices}</summary>
        <DeviceSettings media={media} />
      </details>
    </section>
  );
}

function Picture({ media }: { readonly media: LocalMedia }): VNode {
  const video = useRef<HTMLVideoElement>(null);
  const track = media.camera.track.value;
  useEffect(() => {
    if (video.current !== null)
      video.current.srcObject = track === null ? null : new MediaStream([track]);
  }, [track]);
  return (
    <div class="preview-picture">
      {track === null ? (
        <p>{t().door.cameraIsOff}</p>
      ) : (
        <video
          ref={video}
          class="mirrored"
          autoPlay
          muted
          playsInline
          aria-label={t().door.preview}
        />
      )}
    </div>
  );
}

export function MicrophoneSwitch({ media }: { readonly media: LocalMedia }): VNode {
  const { microphone, muted } = media;
  const has = microphone.track.value !== null;
  const silent = muted.value || !has;
  return (
    <button
      type="button"
      class={`button round ${silent ? "is-off" : ""}`}
      disabled={microphone.state.value === "starting"}
      onClick={() => {
        if (has) media.mute(!muted.value);
        else void media.start("microphone");
      }}
      aria-label={silent ? t().door.unmute : t().door.mute}
      title={silent ? t().door.unmute : t().door.mute}
    >
      {silent ? <MicrophoneOff /> : <Microphone />}
    </button>
  );
}

export function CameraSwitch({ media }: { readonly media: LocalMedia }): VNode {
  const { camera } = media;
  const on = camera.track.value !== null;
  const name = on ? t().door.cameraOff : t().door.cameraOn;
  return (
    <button
      type="button"
      class={`button round ${on ? "" : "is-off"}`}
      disabled={camera.state.value === "starting"}
      onClick={() => {
        if (on) media.darken();
        else void media.start("camera");
      }}
      aria-label={name}
      title={name}
    >
      {on ? <Camera /> : <CameraOff />}
    </button>
  );
}

export function Problem({
  kind,
  media,
}: {
  readonly media: LocalMedia;
  readonly kind: Kind;
}): VNode | null {
  const problem = media[kind].problem.value;
  if (problem === null) return <Note kind={kind} media={media} />;
  return (
    <div class="banner note" role="status" data-problem={`${kind} ${problem}`}>
      <Warning />
      <div>
        <p>{t().devices[kind][problem]}</p>
        {problem !== "insecure" && (
          <button type="button" class="link" onClick={() => void media.start(kind)}>
            {t().common.again}
          </button>
        )}
      </div>
    </div>
  );
}

/** What is the matter with a device that is on. */
function Note({ kind, media }: { readonly media: LocalMedia; readonly kind: Kind }): VNode | null {
  const silenced = media.silence[kind].value === "system";
  const note = silenced ? "silenced" : media[kind].notice.value;
  const words = note === null ? null : t().deviceNotes[kind][note];
  useEffect(() => {
    if (silenced && words !== null) announce(words);
  }, [silenced, words]);
  if (words === null) return null;
  return (
    <div class="banner note" role="status" data-note={`${kind} ${note ?? ""}`}>
      {kind === "microphone" ? <MicrophoneOff /> : <CameraOff />}
      <div>{words}</div>
    </div>
  );
}

function Level({ media }: { readonly media: LocalMedia }): VNode {
  const level = useSignal(0);
  const track = media.microphone.track.value;
  useEffect(() => {
    if (track === null) return undefined;
    const measured = meter(track, audioContext());
    const stop = measured.level.subscribe((value) => {
      level.value = value;
    });
    return () => {
      stop();
      measured.stop();
      level.value = 0;
    };
  }, [level, track]);
  const shown = useComputed(() => Math.round(level.value * 100));
  return (
    <div class="field">
      <span id="level">{t().door.level}</span>
      <meter class="level" aria-labelledby="level" min={0} max={100} value={shown.value}>
        {shown.value}
      </meter>
    </div>
  );
}

export function DeviceSettings({ media }: { readonly media: LocalMedia }): VNode {
  const text = t().door;
  return (
    <div class="stack">
      <DeviceChoice media={media} kind="microphone" input="audioinput" label={text.microphone} />
      <DeviceChoice media={media} kind="camera" input="videoinput" label={text.camera} />
      <SpeakerChoice media={media} />
      <CheckBox
        label={text.cleanSound}
        checked={media.cleanSound.value}
        onChange={(clean) => void media.setCleanSound(clean)}
      />
      <div>
        <button
          type="button"
          class="button"
          onClick={() => {
            play("test");
          }}
        >
          {text.testSound}
        </button>
      </div>
    </div>
  );
}

function SpeakerChoice({ media }: { readonly media: LocalMedia }): VNode | null {
  const id = useId();
  const devices = media.devices.value.filter(
    ({ deviceId, kind }) => kind === "audiooutput" && deviceId !== "",
  );
  if (!speaker.canChoose || devices.length === 0) return null;
  // Some browsers list the system's own choice as a device of its own.
  const listed = devices.some(({ deviceId }) => deviceId === "default") ? "default" : "";
  const used = speaker.device.value === "" ? listed : speaker.device.value;
  return (
    <div class="field">
      <label for={id}>{t().deviceNotes.speaker.label}</label>
      <select
        id={id}
        value={used}
        aria-describedby={speaker.missed.value ? `${id}-missed` : undefined}
        onChange={(event) => void speaker.choose(event.currentTarget.value)}
      >
        {devices.every(({ deviceId }) => deviceId !== used) && (
          <option value={used}>{t().door.systemDefault}</option>
        )}
        {devices.map((device) => (
          <option value={device.deviceId}>{device.label || t().door.systemDefault}</option>
        ))}
      </select>
      {speaker.missed.value && (
        <p id={`${id}-missed`} class="hint" role="status">
          {t().deviceNotes.speaker.missed}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly media: LocalMedia;
  readonly kind: Kind;
  readonly input: MediaDeviceKind;
  readonly label: string;
}

function DeviceChoice({ input, kind, label, media }: ChoiceProps): VNode {
  const id = useId();
  const devices = media.devices.value.filter(
    (device) => device.kind === input && device.deviceId !== "",
  );
  const chosen = media.inUse(kind) ?? "";
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        disabled={devices.length === 0}
        value={chosen}
        onChange={(event) => {
          const select = event.currentTarget;
          // What is shown is what is used, also where it could not be changed.
          void media.choose(kind, select.value).finally(() => {
            select.value = media.inUse(kind) ?? "";
          });
        }}
      >
        {devices.every(({ deviceId }) => deviceId !== chosen) && (
          <option value={chosen}>{t().door.systemDefault}</option>
        )}
        {devices.map((device) => (
          <option value={device.deviceId}>{device.label || t().door.systemDefault}</option>
        ))}
      </select>
    </div>
  );
}

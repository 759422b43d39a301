// What this person sends: a microphone, a camera, a screen. The same tracks serve the preview at the
// door and the meeting; nothing leaves the browser unless a publisher is given them.
//
// Muting keeps the microphone open, so that unmuting is instant; switching the camera off lets go of
// it, so that its light goes out.

import { batch, type ReadonlySignal, signal } from "@preact/signals";

import { prefer, preferences } from "../store/preferences";
import { type DeviceProblem, problemOf } from "./problems";

export type Kind = "microphone" | "camera";
export type SourceState = "off" | "starting" | "on";

/** One device at a time of one kind. */
class Source {
  readonly track = signal<MediaStreamTrack | null>(null);
  readonly state = signal<SourceState>("off");
  readonly problem = signal<DeviceProblem | null>(null);

  /** Raised on every change of mind, so that a device that opens too late is let go of. */
  #intent = 0;
  readonly #open: () => Promise<MediaStreamTrack>;

  constructor(open: () => Promise<MediaStreamTrack>) {
    this.#open = open;
  }

  async start(): Promise<void> {
    this.#intent += 1;
    const intent = this.#intent;
    this.state.value = "starting";
    this.problem.value = null;
    try {
      const track = await this.#open();
      if (intent === this.#intent) this.take(track);
      else track.stop();
    } catch (error) {
      if (intent === this.#intent) this.fail(problemOf(error));
    }
  }

  take(track: MediaStreamTrack): void {
    this.#intent += 1;
    this.track.value?.stop();
    track.addEventListener("ended", () => {
      if (this.track.value === track) this.fail("gone");
    });
    batch(() => {
      this.track.value = track;
      this.state.value = "on";
      this.problem.value = null;
    });
  }

  fail(problem: DeviceProblem): void {
    this.stop();
    this.problem.value = problem;
  }

  stop(): void {
    this.#intent += 1;
    this.track.value?.stop();
    batch(() => {
      this.track.value = null;
      this.state.value = "off";
      this.problem.value = null;
    });
  }
}

export class LocalMedia {
  readonly microphone: Source;
  readonly camera: Source;
  readonly screen: ReadonlySignal<{
    video: MediaStreamTrack;
    audio: MediaStreamTrack | null;
  } | null>;
  readonly muted: ReadonlySignal<boolean>;
  /** What there is to choose from; without labels until something was allowed. */
  readonly devices: ReadonlySignal<readonly MediaDeviceInfo[]>;
  /** Whether the browser takes away noise and echo. */
  readonly cleanSound = signal(preferences().cleanSound);

  readonly #muted = signal(false);
  readonly #devices = signal<readonly MediaDeviceInfo[]>([]);
  readonly #screen = signal<{ video: MediaStreamTrack; audio: MediaStreamTrack | null } | null>(
    null,
  );
  readonly #media: MediaDevices | undefined;

  constructor(media: MediaDevices | undefined = browserMedia()) {
    this.#media = media;
    this.muted = this.#muted;
    this.devices = this.#devices;
    this.screen = this.#screen;
    this.microphone = new Source(() => this.#one("microphone"));
    this.camera = new Source(() => this.#one("camera"));
    media?.addEventListener("devicechange", this.#changed);
  }

  /** Ask for both at once, so that there is one question; what cannot be had says why. */
  async startBoth(): Promise<void> {
    const media = this.#media;
    if (media === undefined) {
      this.microphone.fail("insecure");
      this.camera.fail("insecure");
      return;
    }
    this.microphone.state.value = "starting";
    this.camera.state.value = "starting";
    try {
      const stream = await media.getUserMedia({
        audio: this.#constraints("microphone"),
        video: this.#constraints("camera"),
      });
      const [audio] = stream.getAudioTracks();
      const [video] = stream.getVideoTracks();
      if (audio !== undefined) this.#takeMicrophone(audio);
      if (video !== undefined) this.camera.take(video);
    } catch {
      // One of them is to blame; asked for apart, the other still works.
      await this.microphone.start();
      await this.camera.start();
    }
    await this.#look();
  }

  mute(muted: boolean): void {
    this.#muted.value = muted;
    const track = this.microphone.track.value;
    if (track !== null) track.enabled = !muted;
  }

  /** Use another device from now on, and next time. */
  async choose(kind: Kind, device: string): Promise<void> {
    prefer({ [kind]: device });
    if (kind === "microphone" || this.camera.state.value !== "off") await this[kind].start();
  }

  async setCleanSound(clean: boolean): Promise<void> {
    prefer({ cleanSound: clean });
    this.cleanSound.value = clean;
    if (this.microphone.state.value !== "off") await this.microphone.start();
  }

  get canShareScreen(): boolean {
    return this.#media !== undefined && "getDisplayMedia" in this.#media;
  }

  /** Rejects with what the browser says where it is not to be; NotAllowedError is a change of mind. */
  async shareScreen(): Promise<void> {
    const stream = await this.#media?.getDisplayMedia({
      video: { frameRate: { max: 15 } },
      audio: true,
    });
    const [video] = stream?.getVideoTracks() ?? [];
    if (stream === undefined || video === undefined) return;
    const [audio = null] = stream.getAudioTracks();
    video.contentHint = "detail";
    video.addEventListener("ended", () => {
      if (this.#screen.value?.video === video) this.stopScreen();
    });
    this.stopScreen();
    this.#screen.value = { video, audio };
  }

  stopScreen(): void {
    this.#screen.value?.video.stop();
    this.#screen.value?.audio?.stop();
    this.#screen.value = null;
  }

  /** Let go of everything. */
  stop(): void {
    this.microphone.stop();
    this.camera.stop();
    this.stopScreen();
    this.#media?.removeEventListener("devicechange", this.#changed);
  }

  /** Which device is in use now. */
  inUse(kind: Kind): string | null {
    return this[kind].track.value?.getSettings().deviceId ?? preferences()[kind];
  }

  #takeMicrophone(track: MediaStreamTrack): void {
    track.enabled = !this.#muted.value;
    this.microphone.take(track);
  }

  async #one(kind: Kind): Promise<MediaStreamTrack> {
    if (this.#media === undefined) throw new DOMException("no devices", "NotSupportedError");
    const constraints = this.#constraints(kind);
    const stream = await this.#media.getUserMedia(
      kind === "microphone" ? { audio: constraints } : { video: constraints },
    );
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException("no track", "NotFoundError");
    if (kind === "microphone") track.enabled = !this.#muted.value;
    void this.#look();
    return track;
  }

  #constraints(kind: Kind): MediaTrackConstraints {
    const chosen = preferences()[kind];
    // Not exact: a device that is not plugged in any more is no reason to have none.
    const device = chosen === null ? {} : { deviceId: { ideal: chosen } };
    if (kind === "camera") {
      return {
        ...device,
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
      };
    }
    const clean = this.cleanSound.value;
    return { ...device, echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean };
  }

  readonly #changed = (): void => {
    void this.#look();
  };

  async #look(): Promise<void> {
    try {
      this.#devices.value = (await this.#media?.enumerateDevices()) ?? [];
    } catch {
      this.#devices.value = []; // the page is going away
    }
  }
}

/** Undefined on pages that are neither HTTPS nor localhost, whatever the types say. */
function browserMedia(): MediaDevices | undefined {
  return (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
}

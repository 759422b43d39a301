// What this person sends: a microphone, a camera, a screen. The same tracks serve the preview at the
// door and the meeting; nothing leaves the browser unless a publisher is given them.
//
// Muting keeps the microphone open, so that unmuting is instant; switching the camera off lets go of
// it, so that its light goes out.

import { computed, type ReadonlySignal, signal } from "@preact/signals";

import type { BrowserSource } from "../signalling/tracks";
import { parsed } from "../store/kept";
import { prefer, preferences } from "../store/preferences";
import { Source } from "./source";
import { speaker } from "./speaker";

export type Kind = Extract<BrowserSource, "microphone" | "camera">;
/** Why nothing comes from a device: its person wants it so, or the system holds it back. */
export type Silence = "self" | "system" | null;

/** Chromium says nothing of what comes and goes at a sound server alone: it is looked this often. */
const LOOK_MS = 4000;
/** How a page that is begun anew finds things as they were: in this tab, as long as it is open. */
const TAB = "assent.tab.devices";

export class LocalMedia {
  readonly microphone: Source;
  readonly camera: Source;
  readonly screen: ReadonlySignal<{
    video: MediaStreamTrack;
    audio: MediaStreamTrack | null;
  } | null>;
  /** What there is to be sent of each source. */
  readonly tracks: Readonly<Record<BrowserSource, ReadonlySignal<MediaStreamTrack | null>>>;
  readonly muted: ReadonlySignal<boolean>;
  /** Why nobody hears or sees anything from the device. */
  readonly silence: Readonly<Record<Kind, ReadonlySignal<Silence>>>;
  /** What there is to choose from; without labels until something was allowed. */
  readonly devices: ReadonlySignal<readonly MediaDeviceInfo[]>;
  /** Whether the browser takes away noise and echo. */
  readonly cleanSound = signal(preferences().cleanSound);

  readonly #muted = signal(remembered().muted === true);
  /** Whether the camera was on when the page was left. */
  readonly #filmed = remembered().dark !== true;
  readonly #devices = signal<readonly MediaDeviceInfo[]>([]);
  readonly #screen = signal<{ video: MediaStreamTrack; audio: MediaStreamTrack | null } | null>(
    null,
  );
  readonly #media: MediaDevices | undefined;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(media: MediaDevices | undefined = browserMedia()) {
    this.#media = media;
    this.muted = this.#muted;
    this.devices = this.#devices;
    this.screen = this.#screen;
    this.microphone = new Source((device) => this.#one("microphone", device));
    this.camera = new Source((device) => this.#one("camera", device));
    this.tracks = {
      microphone: this.microphone.track,
      camera: this.camera.track,
      screen: computed(() => this.#screen.value?.video ?? null),
      "screen-audio": computed(() => this.#screen.value?.audio ?? null),
    };
    const silenceOf = (kind: Kind): ReadonlySignal<Silence> =>
      computed(() => {
        const source = this[kind];
        if (source.track.value === null) return "self";
        if (kind === "microphone" && this.#muted.value) return "self";
        return source.silenced.value ? "system" : null;
      });
    this.silence = { microphone: silenceOf("microphone"), camera: silenceOf("camera") };
    media?.addEventListener("devicechange", this.#changed);
    if (media !== undefined) this.#looking = setInterval(this.#changed, LOOK_MS);
  }

  /** Ask for both at once, so that there is one question; what cannot be had says why. */
  async startBoth(): Promise<void> {
    if (!this.#filmed) {
      await this.start("microphone");
      return;
    }
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
        audio: this.#constraints("microphone", preferences().microphone),
        video: this.#constraints("camera", preferences().camera),
      });
      const [audio] = stream.getAudioTracks();
      const [video] = stream.getVideoTracks();
      if (audio !== undefined) this.#takeMicrophone(audio);
      if (video !== undefined) this.camera.take(video);
    } catch {
      // One of them is to blame; asked for apart, the other still works.
      await this.start("microphone");
      await this.start("camera");
    }
    await this.#look();
  }

  /** Begin to use the device that was chosen last. */
  async start(kind: Kind): Promise<void> {
    if (kind === "camera") remember({ dark: false });
    await this[kind].start(preferences()[kind]);
  }

  /** Let go of the camera, so that its light goes out. */
  darken(): void {
    remember({ dark: true });
    this.camera.stop();
  }

  mute(muted: boolean): void {
    remember({ muted });
    this.#muted.value = muted;
    const track = this.microphone.track.value;
    if (track !== null) track.enabled = !muted;
  }

  /** Send nothing any more, until the person switches it on again. */
  hush(): void {
    this.mute(true);
    this.darken();
    this.stopScreen();
  }

  /** Use another device from now on, and next time; where it cannot be, the former goes on. */
  async choose(kind: Kind, device: string): Promise<void> {
    const source = this[kind];
    if (source.track.value !== null) {
      if (!(await source.change(device))) return;
    } else if (kind === "microphone") {
      await source.start(device);
      if (source.device !== device) return;
    }
    // A camera that is off stays off: it is the one to be switched on.
    prefer({ [kind]: device });
  }

  async setCleanSound(clean: boolean): Promise<void> {
    prefer({ cleanSound: clean });
    this.cleanSound.value = clean;
    const { microphone } = this;
    if (microphone.track.value !== null) await microphone.change(microphone.device);
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
    clearInterval(this.#looking);
    this.#media?.removeEventListener("devicechange", this.#changed);
  }

  /** Which device is in use now. */
  inUse(kind: Kind): string | null {
    return this[kind].device ?? preferences()[kind];
  }

  #takeMicrophone(track: MediaStreamTrack): void {
    track.enabled = !this.#muted.value;
    this.microphone.take(track);
  }

  async #one(kind: Kind, device: string | null): Promise<MediaStreamTrack> {
    if (this.#media === undefined) throw new DOMException("no devices", "NotSupportedError");
    const constraints = this.#constraints(kind, device);
    const stream = await this.#media.getUserMedia(
      kind === "microphone" ? { audio: constraints } : { video: constraints },
    );
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException("no track", "NotFoundError");
    if (kind === "microphone") track.enabled = !this.#muted.value;
    void this.#look();
    return track;
  }

  #constraints(kind: Kind, chosen: string | null): MediaTrackConstraints {
    // Exact: Chromium gives another device where it is only wished for.
    const device = chosen === null ? {} : { deviceId: { exact: chosen } };
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
    const former = this.#devices.peek();
    try {
      this.#devices.value = (await this.#media?.enumerateDevices()) ?? [];
    } catch {
      this.#devices.value = []; // the page is going away
    }
    speaker.handleDevices(this.#devices.peek());
    for (const kind of ["microphone", "camera"] as const) {
      // A sound server moves whoever listened to a microphone that was unplugged to another one, and
      // says nothing: that one was not chosen.
      const used = this[kind].device;
      const isListed = ({ deviceId }: MediaDeviceInfo): boolean => deviceId === used;
      if (former.some(isListed) && !this.#devices.peek().some(isListed)) this[kind].fail("gone");
    }
  }
}

interface Tab {
  readonly muted?: boolean;
  readonly dark?: boolean;
}

function remembered(): Tab {
  try {
    const found = parsed(sessionStorage.getItem(TAB));
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {}; // storage is refused
  }
}

function remember(change: Tab): void {
  try {
    sessionStorage.setItem(TAB, JSON.stringify({ ...remembered(), ...change }));
  } catch {
    // Then a page that is begun anew asks again.
  }
}

/** Undefined on pages that are neither HTTPS nor localhost, whatever the types say. */
function browserMedia(): MediaDevices | undefined {
  return (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
}

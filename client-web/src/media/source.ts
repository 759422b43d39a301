// One microphone or one camera at a time: opening it, changing to another, and what it says of itself.
//
// What was chosen is what is used: it is asked for by name, and what comes is looked at. The former
// device goes on until the next one gives something. Phones open only one camera at a time: there the
// former is stopped first, and comes back when the next one fails.

import { batch, signal } from "@preact/signals";

import { type DeviceProblem, problemOf } from "./problems";

export type SourceState = "off" | "starting" | "on";

/** What a person should know of which device is used. */
export type DeviceNotice =
  | "not-there" // the chosen one is not connected: another is used
  | "not-changed"; // the chosen one could not be opened: the former is used

/** Open the device of this id, or any; rejects as getUserMedia does. */
export type Open = (device: string | null) => Promise<MediaStreamTrack>;

export class Source {
  readonly track = signal<MediaStreamTrack | null>(null);
  readonly state = signal<SourceState>("off");
  readonly problem = signal<DeviceProblem | null>(null);
  readonly notice = signal<DeviceNotice | null>(null);
  /** Whether the device is on and gives nothing: the system, or a switch on it, holds it back. */
  readonly silenced = signal(false);

  /** Raised on every change of mind, so that a device that opens too late is let go of. */
  #intent = 0;
  /** Devices are opened one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #changing = false;
  /** Whether two devices of the kind cannot be open at once here. */
  #exclusive = false;
  readonly #open: Open;

  constructor(open: Open) {
    this.#open = open;
  }

  /** The device in use. */
  get device(): string | null {
    return idOf(this.track.value);
  }

  /** Open the chosen device, or any where it is not there. */
  async start(chosen: string | null): Promise<void> {
    this.#intent += 1;
    const intent = this.#intent;
    batch(() => {
      this.state.value = "starting";
      this.problem.value = null;
      this.notice.value = null;
    });
    await this.#afterOthers(async () => {
      if (intent !== this.#intent) return;
      try {
        const { missed, track } = await this.#openOrAny(chosen);
        if (intent !== this.#intent) {
          track.stop();
          return;
        }
        this.take(track);
        if (missed) this.notice.value = "not-there";
      } catch (error) {
        if (intent === this.#intent) this.fail(problemOf(error));
      }
    });
  }

  /** Use this device instead of the one in use; resolves with whether it is used now. */
  async change(device: string | null): Promise<boolean> {
    this.#intent += 1;
    const intent = this.#intent;
    this.notice.value = null;
    return await this.#afterOthers(async () => {
      if (intent !== this.#intent) return false;
      this.#changing = true;
      try {
        return await this.#changeTo(device, intent);
      } finally {
        this.#changing = false;
      }
    });
  }

  async #changeTo(device: string | null, intent: number): Promise<boolean> {
    const former = this.track.value;
    const back = idOf(former);
    let failure: unknown = null;
    let next: MediaStreamTrack | null = null;
    if (this.#exclusive) former?.stop();
    try {
      next = await this.#openJust(device);
    } catch (error) {
      failure = error;
    }
    if (next === null && former?.readyState === "live" && problemOf(failure) === "in-use") {
      former.stop();
      try {
        next = await this.#openJust(device);
        this.#exclusive = true;
      } catch (error) {
        failure = error;
      }
    }
    const changed = next !== null;
    if (next === null && former?.readyState !== "live") {
      next = await this.#openOrAny(back).then(
        ({ track }) => track,
        () => null,
      );
    }
    if (intent !== this.#intent) {
      next?.stop();
      return false;
    }
    if (next !== null) this.take(next);
    else if (former?.readyState !== "live") this.fail(problemOf(failure));
    if (!changed && this.track.value !== null) this.notice.value = "not-changed";
    return changed;
  }

  /** Use a track that was opened elsewhere. */
  take(track: MediaStreamTrack): void {
    this.#intent += 1;
    const former = this.track.value;
    if (former !== track) former?.stop();
    const look = (): void => {
      if (this.track.value === track) this.silenced.value = track.muted;
    };
    track.addEventListener("mute", look);
    track.addEventListener("unmute", look);
    track.addEventListener("ended", () => {
      // Opening another device may end this one; then that one decides what becomes of it.
      if (this.track.value === track && !this.#changing) this.fail("gone");
    });
    batch(() => {
      this.track.value = track;
      this.state.value = "on";
      this.problem.value = null;
      this.notice.value = null;
      this.silenced.value = track.muted;
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
      this.notice.value = null;
      this.silenced.value = false;
    });
  }

  async #openOrAny(chosen: string | null): Promise<{ track: MediaStreamTrack; missed: boolean }> {
    try {
      return { track: await this.#openJust(chosen), missed: false };
    } catch (error) {
      // One that is not plugged in any more is no reason to have none.
      if (chosen === null || problemOf(error) !== "none") throw error;
      return { track: await this.#openJust(null), missed: true };
    }
  }

  /** Open this device and no other. */
  async #openJust(device: string | null): Promise<MediaStreamTrack> {
    const track = await this.#open(device);
    const given = idOf(track);
    if (device !== null && given !== null && given !== device) {
      track.stop();
      throw new DOMException("another device was given", "NotFoundError");
    }
    return track;
  }

  async #afterOthers<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return await turn;
  }
}

function idOf(track: MediaStreamTrack | null): string | null {
  return track?.getSettings().deviceId ?? null;
}

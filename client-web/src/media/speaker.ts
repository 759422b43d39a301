// Where sound comes out: the loudspeaker that was chosen, in browsers that let a page choose one.

import { type ReadonlySignal, signal } from "@preact/signals";

import { prefer, preferences } from "../store/preferences";

/** An audio element or context, as far as it matters here. */
export interface Sink {
  setSinkId?: (device: string) => Promise<unknown>;
}

/** The system's own choice. */
export const DEFAULT_SPEAKER = "";

export class Speaker {
  /** What is in use. */
  readonly device: ReadonlySignal<string>;
  /** Whether the chosen one is not there, or could not be used. */
  readonly missed: ReadonlySignal<boolean>;

  readonly #device = signal(DEFAULT_SPEAKER);
  readonly #missed = signal(false);
  readonly #sinks = new Set<Sink>();
  #chosen: string = preferences().speaker ?? DEFAULT_SPEAKER;
  #turn: Promise<void> = Promise.resolve();

  constructor() {
    this.device = this.#device;
    this.missed = this.#missed;
    this.#device.value = this.#chosen;
  }

  /** Whether this browser lets a page choose. */
  get canChoose(): boolean {
    return "setSinkId" in HTMLMediaElement.prototype;
  }

  /** Play this through the chosen loudspeaker from now on. */
  add(sink: Sink): void {
    this.#sinks.add(sink);
    if (this.#device.peek() === DEFAULT_SPEAKER) return; // as it is by itself
    void this.#send(sink, this.#device.peek()).catch(() => this.#use(DEFAULT_SPEAKER, true));
  }

  remove(sink: Sink): void {
    this.#sinks.delete(sink);
  }

  /** Use another one from now on, and next time; where it cannot be, the former goes on. */
  async choose(device: string): Promise<void> {
    if (await this.#use(device, false)) {
      this.#chosen = device;
      prefer({ speaker: device });
    }
  }

  /** What there is now: the chosen one may have been unplugged, or plugged in again. */
  handleDevices(devices: readonly MediaDeviceInfo[]): void {
    const outputs = devices.filter(
      ({ deviceId, kind }) => kind === "audiooutput" && deviceId !== "",
    );
    if (outputs.length === 0 || this.#chosen === DEFAULT_SPEAKER) return;
    const there = outputs.some(({ deviceId }) => deviceId === this.#chosen);
    if (there && this.#device.peek() !== this.#chosen) void this.#use(this.#chosen, false);
    if (!there && this.#device.peek() === this.#chosen) void this.#use(DEFAULT_SPEAKER, true);
  }

  async #use(device: string, instead: boolean): Promise<boolean> {
    let used = true;
    this.#turn = this.#turn.then(async () => {
      const former = this.#device.peek();
      try {
        await Promise.all([...this.#sinks].map((sink) => this.#send(sink, device)));
        this.#device.value = device;
        this.#missed.value = instead;
      } catch {
        used = false;
        this.#missed.value = true;
        await Promise.allSettled([...this.#sinks].map((sink) => this.#send(sink, former)));
      }
    });
    await this.#turn;
    return used;
  }

  async #send(sink: Sink, device: string): Promise<void> {
    await sink.setSinkId?.(device);
  }
}

export const speaker = new Speaker();

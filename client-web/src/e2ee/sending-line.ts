// A sender behind a transform that runs. What a browser does there is not believed: of a line of which
// nothing was seen to go through its transform only a stand-in is sent, which shows and says nothing.

import type { Source } from "../signalling/tracks";
import { isProtectable, typesOf } from "./frame-codecs";
import { FrameGuard, type GuardCode, isFault, type Tally, type Verdict } from "./frame-guard";
import { countedBy } from "./line-tally";
import { type StandIn, standInFor } from "./stand-in";

/** Thrown where something cannot be protected, and so is not sent. */
export class NotProtected extends Error {
  override readonly name = "NotProtected";
}

/** What a line asks of, and tells, where it comes from. */
export interface LineHome {
  isAlive(): boolean;
  codecs(types: ReadonlyMap<number, string>): void;
  /** Its track is taken away, for good. */
  closed(code: GuardCode): void;
  forget(): void;
}

export class SendingLine {
  readonly source: Source;
  readonly section: RTCRtpTransceiver;
  readonly guard: FrameGuard;
  readonly #connection: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  readonly #transform: RTCRtpScriptTransform;
  readonly #home: LineHome;
  #wanted: MediaStreamTrack | null = null;
  #standIn: StandIn | null = null;
  #exchanging: Promise<void> = Promise.resolve();
  #proven = false;
  #over = false;

  constructor(
    connection: RTCPeerConnection,
    source: Source,
    section: RTCRtpTransceiver,
    transform: RTCRtpScriptTransform,
    home: LineHome,
  ) {
    this.#connection = connection;
    this.source = source;
    this.section = section;
    this.guard = new FrameGuard(section.receiver.track.kind === "video");
    this.#sender = section.sender;
    this.#transform = transform;
    this.#home = home;
  }

  /** Whether what it is given is sent, for frames were seen to go through its transform. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Whether it is to be looked at again soon. */
  get isUnsettled(): boolean {
    const proving = this.#standIn !== null && this.#connection.connectionState === "connected";
    return proving || this.guard.verdict === "doubtful";
  }

  /**
   * Send this track, or none; rejects with NotProtected where its transform is not there. Until the
   * line is proven a stand-in is sent for it: pictures of its size that are black, or silence.
   */
  async setTrack(track: MediaStreamTrack | null): Promise<void> {
    if (track !== null) this.#check();
    this.#wanted = track;
    await this.#exchange();
    if (track !== null) this.#check();
  }

  /** Look at what was negotiated; throws NotProtected, and takes the track away, where it may not be. */
  negotiated(): void {
    const { codecs } = this.#sender.getParameters();
    const strange = codecs.find((codec) => !isProtectable(codec));
    if (strange !== undefined) {
      void this.takeAway();
      throw new NotProtected(`${strange.mimeType} cannot be encrypted`);
    }
    this.#home.codecs(typesOf(codecs));
  }

  /** Send nothing any more. */
  async takeAway(): Promise<void> {
    this.#over = true;
    this.#wanted = null;
    try {
      // Not after what may be under way: that looks whether it is over when it is done.
      await this.#sender.replaceTrack(null);
    } catch {
      if (!this.#isClosed()) this.section.stop();
    }
    this.#dismiss();
  }

  /** Its connection is closed. */
  end(): void {
    this.#over = true;
    this.#wanted = null;
    this.#dismiss();
    this.#home.forget();
  }

  /** What the browser counts of it; nothing where it does not. */
  async counted(): Promise<ReadonlyMap<number, Tally>> {
    return await countedBy(this.#sender).catch(() => new Map());
  }

  /** Take what its guard says, or that its transform has failed. */
  judged(verdict: Verdict): void {
    if (this.#over || this.#isClosed()) return;
    if (isFault(verdict)) {
      void this.takeAway();
      this.#home.closed(verdict);
      return;
    }
    if (this.#standIn === null) return;
    if (verdict === "proven") {
      this.#proven = true;
      this.#again();
    } else if (this.#wanted?.readyState === "ended") {
      // Who stops their camera is not to see it go on for its stand-in.
      this.#wanted = null;
      this.#again();
    }
  }

  /** Which of the announced encodings is sent with this SSRC; null: none, so far. */
  async layerOf(ssrc: number): Promise<number | null> {
    const rids = this.#sender.getParameters().encodings.map(({ rid }) => rid);
    let layer = -1;
    (await this.#sender.getStats()).forEach(
      (one: { type: string; ssrc?: number; rid?: string }) => {
        if (one.type === "outbound-rtp" && one.ssrc === ssrc) layer = rids.indexOf(one.rid);
      },
    );
    return layer < 0 ? null : layer;
  }

  #again(): void {
    this.#exchange().catch(() => this.takeAway());
  }

  /** Have what is wanted sent, or what stands in for it; one after the other. */
  #exchange(): Promise<void> {
    const next = () => this.#put();
    this.#exchanging = this.#exchanging.then(next, next);
    return this.#exchanging;
  }

  async #put(): Promise<void> {
    const wanted = this.#wanted;
    const standIn = wanted === null || this.#proven ? null : standInFor(wanted);
    try {
      await this.#sender.replaceTrack(standIn?.track ?? wanted);
    } catch (error) {
      standIn?.stop();
      throw error;
    }
    this.#dismiss();
    this.#standIn = standIn;
    // It may have been taken away, or have lost its transform, meanwhile.
    if (wanted !== null && !this.#isGuarded()) await this.takeAway();
  }

  #dismiss(): void {
    this.#standIn?.stop();
    this.#standIn = null;
  }

  #isClosed(): boolean {
    return this.#connection.signalingState === "closed";
  }

  #isGuarded(): boolean {
    return !this.#over && this.#home.isAlive() && this.#sender.transform === this.#transform;
  }

  #check(): void {
    if (!this.#isGuarded()) throw new NotProtected("its transform does not run");
  }
}

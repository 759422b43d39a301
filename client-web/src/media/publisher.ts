// The publishing connection: what this person sends. The browser offers, the server answers.
//
// Each source has a section of its own that stays its own: switching a camera off and on again only
// replaces its track. A source that is published for the first time, or for good no more, makes the
// next offer; offers follow one another, and what changes meanwhile goes into the next.

import { type ReadonlySignal, signal } from "@preact/signals";

import { Backoff } from "../signalling/backoff";
import type { IceServer, PublishedTrack } from "../signalling/messages";
import { type BrowserSource, SOURCES, type Source } from "../signalling/tracks";
import { closeConnection, openConnection } from "./connection-factory";
import { apply, cameraEncodings, ENCODINGS, RIDS } from "./quality";
import { usable } from "./sdp";

export type Health = "none" | "connecting" | "connected" | "failed";

/** Send an offer; resolves with the answer, rejects where there is none. */
export type Offer = (sdp: string, tracks: PublishedTrack[]) => Promise<string>;

/** How long a connection may be interrupted before it is made anew. */
const PATIENCE_MS = 1000;
/** When to ask a sender again that would not be changed while it was being negotiated. */
const AGAIN_MS = 500;

export class Publisher {
  readonly health: ReadonlySignal<Health>;
  /** What the server says may be used where nothing else gets through. */
  relays: readonly IceServer[] = [];

  readonly #health = signal<Health>("none");
  readonly #offer: Offer;
  readonly #backoff = new Backoff();
  readonly #tracks = new Map<BrowserSource, MediaStreamTrack | null>();
  readonly #sections = new Map<BrowserSource, RTCRtpTransceiver>();
  #connection: RTCPeerConnection | null = null;
  #running = false;
  #negotiating: RTCPeerConnection | null = null;
  #due = false;
  /** How many layers of a source reach anybody; what is not named is wanted whole. */
  readonly #wanted = new Map<Source, number>();
  #applying: Promise<void> = Promise.resolve();
  #later: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(offer: Offer) {
    this.health = this.#health;
    this.#offer = offer;
  }

  /** Which sources have a section now. */
  get published(): BrowserSource[] {
    return [...this.#tracks.keys()];
  }

  /** Begin, or begin anew; `fresh`: because our addresses may have changed. */
  restart(fresh = false): void {
    this.#close();
    this.#running = true;
    if (this.#tracks.size === 0) return;
    this.#connect(fresh);
  }

  stop(): void {
    this.#running = false;
    this.#close();
    this.#tracks.clear();
  }

  /** Send this track as a source; null keeps the section and sends nothing. */
  set(source: BrowserSource, track: MediaStreamTrack | null): void {
    const known = this.#tracks.has(source);
    if (!known && track === null) return;
    this.#tracks.set(source, track);
    if (!this.#running) return;
    const section = this.#sections.get(source);
    if (section === undefined) {
      if (this.#connection === null) this.#connect();
      else this.#negotiate();
    } else {
      // Of the same kind, so this needs no negotiation.
      void section.sender.replaceTrack(track).catch(() => {
        this.restart();
      });
      this.#applyQuality();
    }
  }

  /** Give up a source for good: its section becomes inactive. */
  remove(source: BrowserSource): void {
    if (!this.#tracks.delete(source) || !this.#running) return;
    const section = this.#sections.get(source);
    if (section === undefined) return;
    void section.sender.replaceTrack(null).catch(() => undefined);
    section.direction = "inactive";
    this.#negotiate();
  }

  /** How many layers of a source are needed from now on. */
  setWanted(source: Source, layers: number): void {
    this.#wanted.set(source, layers);
    this.#applyQuality();
  }

  /** The server has forgotten us, and takes all layers to be wanted. */
  forgetWanted(): void {
    this.#wanted.clear();
  }

  /** What the browser counts on this connection, if there is one. */
  async stats(): Promise<RTCStatsReport | null> {
    return (await this.#connection?.getStats()) ?? null;
  }

  #connect(fresh = false): void {
    const connection = openConnection(
      { bundlePolicy: "max-bundle", iceServers: [...this.relays] },
      fresh,
    );
    this.#connection = connection;
    this.#health.value = "connecting";
    connection.onconnectionstatechange = () => {
      if (this.#connection === connection) this.#look(connection.connectionState);
    };
    this.#negotiate();
  }

  #close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
    this.#sections.clear();
    this.#due = false;
    this.#negotiating = null;
    this.#applying = Promise.resolve();
    closeConnection(this.#connection);
    this.#connection = null;
    this.#health.value = "none";
  }

  #look(state: RTCPeerConnectionState): void {
    clearTimeout(this.#timer);
    switch (state) {
      case "connected":
        this.#backoff.reset();
        this.#health.value = "connected";
        this.#applyQuality();
        return;
      case "disconnected":
        this.#health.value = "connecting";
        this.#again(PATIENCE_MS);
        return;
      case "failed":
        this.#health.value = "failed";
        this.#again(this.#backoff.next());
        return;
      default:
    }
  }

  #again(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      if (this.#running) this.restart(true);
    }, milliseconds);
  }

  #negotiate(): void {
    this.#due = true;
    const connection = this.#connection;
    if (connection !== null && this.#negotiating !== connection) {
      void this.#negotiateAll(connection);
    }
  }

  /** Whatever is asked of a connection that was closed meanwhile may never be answered. */
  async #negotiateAll(connection: RTCPeerConnection): Promise<void> {
    this.#negotiating = connection;
    while (this.#due && this.#connection === connection) {
      this.#due = false;
      try {
        await this.#negotiateOnce(connection);
      } catch {
        // Refused, or the line is lost: after a new welcome everything begins anew anyway.
        if (this.#connection === connection) {
          this.#health.value = "failed";
          this.#again(this.#backoff.next());
        }
      }
    }
    if (this.#negotiating === connection) this.#negotiating = null;
  }

  async #negotiateOnce(connection: RTCPeerConnection): Promise<void> {
    for (const [source, track] of this.#tracks) {
      const section = this.#sections.get(source);
      if (section === undefined) {
        this.#sections.set(source, add(connection, source, track));
      } else if (section.direction === "inactive") {
        section.direction = "sendonly";
        await section.sender.replaceTrack(track);
        if (this.#connection !== connection) return;
      }
    }
    await connection.setLocalDescription();
    if (this.#connection !== connection) return;
    const tracks: PublishedTrack[] = [];
    for (const source of this.#tracks.keys()) {
      const mid = this.#sections.get(source)?.mid;
      if (typeof mid === "string") tracks.push({ mid, source });
    }
    const sdp = await this.#offer(connection.localDescription?.sdp ?? "", tracks);
    if (this.#connection !== connection) return;
    await connection.setRemoteDescription({ type: "answer", sdp });
    this.#applyQuality();
  }

  /** One after the other: parameters that were read before a change are refused after it. */
  #applyQuality(): void {
    this.#applying = this.#applying.then(() => this.#applyAll());
  }

  async #applyAll(): Promise<void> {
    const done: boolean[] = [];
    for (const source of Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[]) {
      const sender = this.#sections.get(source)?.sender;
      const lines = sender?.track?.getSettings().height;
      if (sender === undefined || lines === undefined) continue;
      const wanted = this.#wanted.get(source) ?? RIDS.length;
      done.push(await apply(sender, ENCODINGS[source](lines, wanted)));
    }
    clearTimeout(this.#later);
    if (!done.includes(false)) return;
    this.#later = setTimeout(() => {
      this.#applyQuality();
    }, AGAIN_MS);
  }
}

function add(
  connection: RTCPeerConnection,
  source: BrowserSource,
  track: MediaStreamTrack | null,
): RTCRtpTransceiver {
  const kind = SOURCES[source].video ? "video" : "audio";
  const section = connection.addTransceiver(track ?? kind, {
    direction: "sendonly",
    ...(source === "camera" ? { sendEncodings: layersOf(track) } : {}),
  });
  const codecs = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
  try {
    section.setCodecPreferences(usable(source, codecs));
  } catch {
    // An older browser offers all it has; the server takes what it knows.
  }
  return section;
}

/** What a camera begins with, until it is known what is wanted of it. */
function layersOf(track: MediaStreamTrack | null): RTCRtpEncodingParameters[] {
  const lines = track?.getSettings().height ?? 720;
  return cameraEncodings(lines, RIDS.length, RIDS.length).map((encoding, at) => ({
    ...encoding,
    rid: RIDS[at] ?? "f",
  }));
}

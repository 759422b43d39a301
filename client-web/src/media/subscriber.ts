// The subscribing connection: what the others send. The server offers, the browser answers.
//
// Offers are answered one after the other. An offer of another session than the one before begins a
// new connection; the old one plays on until the new one has been answered, so that nobody sees a
// gap that need not be there.

import { type ReadonlySignal, signal } from "@preact/signals";

import type { IceServer, Subscribe, SubscribedTrack } from "../signalling/messages";
import type { Source } from "../signalling/tracks";
import { closeConnection, openConnection } from "./connection-factory";
import type { Health } from "./publisher";
import { sessionId } from "./sdp";

export interface Received {
  readonly person: string;
  readonly source: Source;
  readonly track: MediaStreamTrack;
}

/** Send an answer; rejects where it was not taken. */
export type Describe = (generation: number, sdp: string) => Promise<void>;

/** How long a connection may be interrupted before it is begun anew. */
const PATIENCE_MS = 1000;

export class Subscriber {
  /** What arrives, by person and source. */
  readonly received: ReadonlySignal<ReadonlyMap<string, Received>>;
  readonly health: ReadonlySignal<Health>;
  /** What the server says may be used where nothing else gets through. */
  relays: readonly IceServer[] = [];

  readonly #health = signal<Health>("none");
  readonly #received = signal<ReadonlyMap<string, Received>>(new Map());
  readonly #describe: Describe;
  readonly #failed: () => void;
  #connection: RTCPeerConnection | null = null;
  #session = "";
  #fresh = false;
  #queue: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `failed` is called when the connection cannot be kept and has to be begun anew. */
  constructor(describe: Describe, failed: () => void) {
    this.received = this.#received;
    this.health = this.#health;
    this.#describe = describe;
    this.#failed = failed;
  }

  /** Take an offer; resolves when it has been answered or found to be unusable. */
  handleSubscribe(offer: Subscribe): Promise<void> {
    this.#queue = this.#queue
      .then(() => this.#answer(offer))
      .catch(() => {
        this.#fail();
      });
    return this.#queue;
  }

  /** The next connection is made because our addresses may have changed. */
  expectChange(): void {
    clearTimeout(this.#timer);
    this.#fresh = true;
  }

  /** What the browser counts on this connection, if there is one. */
  async stats(): Promise<RTCStatsReport | null> {
    return (await this.#connection?.getStats()) ?? null;
  }

  stop(): void {
    clearTimeout(this.#timer);
    closeConnection(this.#connection);
    this.#connection = null;
    this.#session = "";
    this.#health.value = "none";
    this.#received.value = new Map();
  }

  async #answer(offer: Subscribe): Promise<void> {
    const session = sessionId(offer.sdp);
    let connection = this.#connection;
    let former: RTCPeerConnection | null = null;
    if (connection === null || session !== this.#session) {
      former = connection;
      connection = this.#connect();
      this.#session = session;
    }
    try {
      await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
      await connection.setLocalDescription();
      this.#take(connection, offer.tracks);
    } finally {
      closeConnection(former);
    }
    await this.#describe(offer.generation, connection.localDescription?.sdp ?? "");
  }

  #connect(): RTCPeerConnection {
    const connection = openConnection(
      { bundlePolicy: "max-bundle", iceServers: [...this.relays] },
      this.#fresh,
    );
    this.#fresh = false;
    this.#connection = connection;
    connection.onconnectionstatechange = () => {
      if (this.#connection !== connection) return;
      clearTimeout(this.#timer);
      const state = connection.connectionState;
      if (state === "connected") this.#health.value = "connected";
      if (state === "failed") this.#fail();
      if (state === "disconnected") {
        this.#timer = setTimeout(() => {
          if (this.#connection === connection) this.#fail();
        }, PATIENCE_MS);
      }
    };
    return connection;
  }

  #fail(): void {
    this.#health.value = "failed";
    this.#failed();
  }

  #take(connection: RTCPeerConnection, tracks: readonly SubscribedTrack[]): void {
    const byMid = new Map(
      connection.getTransceivers().map((section) => [section.mid, section.receiver.track]),
    );
    const received = new Map<string, Received>();
    for (const { mid, person, source } of tracks) {
      const track = byMid.get(mid);
      if (track === undefined) continue;
      const key = keyOf(person, source);
      const known = this.#received.value.get(key);
      received.set(key, known?.track === track ? known : { person, source, track });
    }
    this.#received.value = received;
  }
}

export function keyOf(person: string, source: Source): string {
  return `${person}.${source}`;
}

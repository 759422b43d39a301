// The two media connections of one person in one meeting: gives the publisher what the devices give,
// says what is muted, and begins anew what has failed.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";

import { count, type Counts, isWeak } from "../media/health";
import type { LocalMedia, Silence } from "../media/local";
import { arrivedOn, Liveness } from "../media/liveness";
import { Publisher } from "../media/publisher";
import { type Received, Subscriber } from "../media/subscriber";
import type { Conversation } from "../signalling/conversation";
import type { IceServer, Layers, Subscribe } from "../signalling/messages";
import { type BrowserSource, SOURCES } from "../signalling/tracks";
import { View } from "./view";

/** Media that fails twice within this is begun anew only after a while. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 8000;
/** How often it is looked how good the connection is. */
const LOOK_MS = 3000;
/** How often it is felt whether anything arrives at all. */
const FEEL_MS = 250;
/** What lives is felt at least this often. */
const BEAT_MS = 600;

export class MediaConnections {
  /** What arrives, by person and source. */
  readonly received: ReadonlySignal<ReadonlyMap<string, Received>>;
  /** Whether sound and pictures are being connected again. */
  readonly trouble: ReadonlySignal<boolean>;
  /** Whether much is lost or late on the way, so that pictures get smaller. */
  readonly weak: ReadonlySignal<boolean>;
  /** Whoever shows pictures says so here. */
  readonly view: View;

  readonly #weak = signal(false);
  #looking: ReturnType<typeof setInterval> | undefined;
  #feeling: ReturnType<typeof setInterval> | undefined;
  #doubting: ReturnType<typeof setTimeout> | undefined;
  #publisherLiveness = new Liveness();
  #subscriberLiveness = new Liveness();
  #counts = new Map<object, Counts>();
  readonly #media: LocalMedia;
  readonly #conversation: Conversation;
  readonly #publisher: Publisher;
  readonly #subscriber: Subscriber;
  readonly #effects: (() => void)[] = [];
  #running = false;
  #failedAt = -Infinity;

  constructor(media: LocalMedia, conversation: Conversation) {
    this.#media = media;
    this.#conversation = conversation;
    this.#publisher = new Publisher((sdp, tracks) => {
      for (const { source } of tracks) this.#tellMuted(source, this.#silence(source));
      return conversation.publish({ type: "publish", sdp, tracks });
    });
    this.#subscriber = new Subscriber(
      async (generation, sdp) => {
        await conversation.request({ type: "describe", generation, sdp });
      },
      () => {
        this.#fail();
      },
    );
    this.received = this.#subscriber.received;
    this.weak = this.#weak;
    this.view = new View((shown) => {
      conversation.tell({ type: "view", shown });
    });
    this.trouble = computed(
      () => this.#publisher.health.value === "failed" || this.#subscriber.health.value === "failed",
    );
  }

  /** Begin to send what the devices give. */
  begin(): void {
    if (this.#running) return;
    this.#running = true;
    const { tracks } = this.#media;
    const sources = Object.keys(tracks) as BrowserSource[];
    const shared = sources.filter((source) => SOURCES[source].screen);
    this.#effects.push(
      ...sources
        .filter((source) => !shared.includes(source))
        .map((source) =>
          effect(() => {
            this.#publisher.set(source, tracks[source].value);
          }),
        ),
      effect(() => {
        for (const source of shared) this.#share(source, tracks[source].value);
      }),
      effect(() => {
        this.#tellMuted("microphone", this.#silence("microphone"));
      }),
      effect(() => {
        this.#tellMuted("camera", this.#silence("camera"));
      }),
    );
    // All that there is goes into the first offer.
    this.#publisher.restart();
    this.view.begin();
    document.addEventListener("visibilitychange", this.#seen);
    this.#looking = setInterval(() => {
      void this.#look();
    }, LOOK_MS);
    this.#feeling = setInterval(() => {
      void this.#feel();
    }, FEEL_MS);
  }

  /** The server has forgotten our connections: make new ones. */
  again(): void {
    this.#publisher.forgetWanted();
    this.#publisher.restart();
    this.view.begin();
  }

  /** The socket was lost and is back: what still stands goes on, what may be dead begins anew. */
  resume(): void {
    // What was said meanwhile was said to nobody.
    for (const source of ["microphone", "camera"] as const) {
      this.#tellMuted(source, this.#silence(source));
    }
    this.view.begin();
    const now = performance.now();
    if (!this.#isAliveSince(now - BEAT_MS)) {
      this.#renew();
      return;
    }
    if (this.#publisher.health.value === "failed") this.#publisher.restart();
    clearTimeout(this.#doubting);
    this.#doubting = setTimeout(() => {
      if (this.#running && !this.#isAliveSince(now)) this.#renew();
    }, BEAT_MS);
  }

  #isAliveSince(then: number): boolean {
    return (
      this.#publisherLiveness.isAliveSince(then) || this.#subscriberLiveness.isAliveSince(then)
    );
  }

  /** Begin both connections anew: our addresses may have changed. */
  #renew(): void {
    this.#publisher.restart(true);
    this.#subscriber.expectChange();
    this.#conversation.tell({ type: "subscribe_again" });
  }

  stop(): void {
    this.#running = false;
    for (const dispose of this.#effects.splice(0)) dispose();
    clearInterval(this.#looking);
    clearInterval(this.#feeling);
    clearTimeout(this.#doubting);
    document.removeEventListener("visibilitychange", this.#seen);
    this.view.stop();
    this.#publisher.stop();
    this.#subscriber.stop();
  }

  handleSubscribe(offer: Subscribe): void {
    void this.#subscriber.handleSubscribe(offer);
  }

  /** Connections made from now on may use these relays; the ones there are keep theirs. */
  handleRelays(relays: readonly IceServer[]): void {
    this.#publisher.relays = relays;
    this.#subscriber.relays = relays;
  }

  /** What of our pictures reaches anybody; the rest need not be sent. */
  handleLayers({ wanted }: Layers): void {
    for (const { layers, source } of wanted) this.#publisher.setWanted(source, layers);
  }

  readonly #seen = (): void => {
    this.view.setHidden(document.visibilityState === "hidden");
  };

  /**
   * When media stops that has been arriving all the time, the network may be gone. That is asked of
   * the socket: where the server answers, media stopped for a reason of its own, or comes back by
   * itself; where it does not, the socket is begun anew, and then it is seen what else must be.
   */
  async #feel(): Promise<void> {
    const published = await this.#arrived(this.#publisher);
    this.#publisherLiveness.take(published, performance.now());
    let stopped = this.#publisherLiveness.hasStopped;
    // The publishing connection has few things to count, and hears of the server all the time.
    if (stopped || !this.#publisherLiveness.isSteady) {
      const subscribed = await this.#arrived(this.#subscriber);
      this.#subscriberLiveness.take(subscribed, performance.now());
      const steady = this.#subscriberLiveness.isSteady;
      stopped = steady ? this.#subscriberLiveness.hasStopped : stopped;
    }
    if (stopped && this.#running) this.#conversation.doubt();
  }

  async #arrived(connection: Publisher | Subscriber): Promise<number | null> {
    const report = await connection.stats().catch(() => null);
    return report === null ? null : arrivedOn(report);
  }

  async #look(): Promise<void> {
    let weak = false;
    for (const connection of [this.#publisher, this.#subscriber]) {
      const report = await connection.stats().catch(() => null);
      const before = this.#counts.get(connection);
      if (report === null) {
        this.#counts.delete(connection);
        continue;
      }
      const now = count(report);
      this.#counts.set(connection, now);
      weak ||= before !== undefined && isWeak(before, now);
    }
    this.#weak.value = weak;
  }

  #fail(): void {
    const now = performance.now();
    const again = now - this.#failedAt < PATIENCE_MS;
    this.#failedAt = now;
    // Where the network lets no media through, the conversation must not suffer all the time.
    setTimeout(
      () => {
        if (!this.#running) return;
        this.#subscriber.expectChange();
        // Where the socket is lost as well, this is seen to when it is back.
        this.#conversation.tell({ type: "subscribe_again" });
      },
      again ? RETRY_MS : 0,
    );
  }

  #share(source: BrowserSource, track: MediaStreamTrack | null): void {
    if (track === null) this.#publisher.remove(source);
    else this.#publisher.set(source, track);
  }

  #tellMuted(source: BrowserSource, silence: Silence): void {
    if (!this.#publisher.published.includes(source)) return;
    const system = silence === "system";
    this.#conversation.tell({ type: "muted", source, muted: silence !== null, system });
  }

  #silence(source: BrowserSource): Silence {
    return source === "camera" || source === "microphone"
      ? this.#media.silence[source].value
      : null;
  }
}

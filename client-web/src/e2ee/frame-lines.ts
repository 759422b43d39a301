// The main thread's side of the worker that encrypts frames. A sender has no track but what it is given
// here, and it is given one only while its own transform runs; what dies takes the tracks away.

import type { Bytes } from "../crypto/bytes";
import { type Source, SOURCES } from "../signalling/tracks";
import type { Dropped } from "./drop-counts";
import { typesOf } from "./frame-codecs";
import type { GuardCode } from "./frame-guard";
import type { Sender } from "./frame-key";
import type { Given, Order, TransformOptions, Word } from "./frame-messages";
import { makeFrameWorker } from "./frame-worker-url";
import type { GenerationKeys, Stop } from "./generation-ring";
import { LineWatch } from "./line-watch";
import { NotProtected, SendingLine } from "./sending-line";
import type { StreamBook } from "./stream-book";

const PING_MS = 1_000;
/** So many pings without an answer, and a worker is taken to be dead. */
const MISSED = 4;
/** How long is looked for an SSRC in what a browser counts, and how often. */
const LAYER_MS = 1_000;
const LAYER_LOOK_MS = 50;
/** Generations that a new sender is given streams of. */
const KEPT = 4;

export interface LinesSay {
  /** What did not come through, at most once a second. */
  dropped(rows: readonly Dropped[]): void;
  /** The worker is dead, and all tracks are taken away: begin anew, and with a new generation. */
  lost(): void;
  /** A source would have been sent in a codec that cannot be protected; its track is taken away. */
  unprotected(source: Source, codec: string): void;
  /**
   * Nothing more is sent of this source. Where it is not `failed`, nothing is sent of any, and
   * nothing can be from this page: its browser does not do what it was told, or nobody can tell.
   */
  closed(source: Source, code: GuardCode): void;
  /** All streams of a generation are used up: a new one is needed. */
  usedUp(generation: number): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class FrameLines {
  readonly #book: StreamBook;
  readonly #say: LinesSay;
  readonly #worker: Worker;
  readonly #senders = new Map<number, SendingLine>();
  readonly #runs = new Map<number, Waiting>();
  readonly #done = new Map<number, Waiting>();
  readonly #pinging: ReturnType<typeof setInterval>;
  readonly #watch: LineWatch;
  #generations: number[] = [];
  #next = 1;
  #turn = 1;
  #unanswered = 0;
  #alive = true;

  /** `book` is the page's, and the same for each worker that it makes. */
  constructor(book: StreamBook, say: LinesSay, make: () => Worker = makeFrameWorker) {
    this.#book = book;
    this.#say = say;
    this.#worker = make();
    this.#worker.onmessage = ({ data }: MessageEvent<Word>) => {
      this.#hear(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lose();
    };
    this.#worker.onmessageerror = () => {
      this.#lose();
    };
    this.#watch = new LineWatch(
      (look) => {
        this.#order({ order: "count", look });
      },
      () => {
        this.#lose();
      },
    );
    this.#pinging = setInterval(() => {
      this.#unanswered += 1;
      if (this.#unanswered > MISSED) this.#lose();
      else this.#order({ order: "ping" });
    }, PING_MS);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Give keys of a generation that was accepted at this time of `performance.now()`. */
  add(keys: GenerationKeys, acceptedAt: number): void {
    this.#generations = [...this.#generations, keys.number].slice(-KEPT);
    const own = { ...keys, secret: keys.secret.slice() };
    const elapsed = performance.now() - acceptedAt;
    this.#order({ order: "generation", keys: own, elapsed }, [own.secret.buffer]);
    const given = [...this.#senders.keys()].flatMap((line) => this.#number(keys.number, line));
    this.#order({ order: "streams", given });
  }

  /** The server says *go*. */
  go(generation: number): void {
    this.#order({ order: "go", generation });
  }

  /** Send under none of what is known now; resolves once no further frame is sent. */
  stop(what: Stop): Promise<void> {
    return this.#ask((turn) => ({ order: "stop", what, turn }));
  }

  /**
   * Add a section for a source, without a track, behind a transform; resolves once that runs.
   * `encodings` are the layers that it announces. It is made here because a transform that is set
   * a task later than its sender was made is passed by in Chromium, without a word.
   */
  async send(
    connection: RTCPeerConnection,
    of: Sender,
    encodings: RTCRtpEncodingParameters[] = [],
  ): Promise<SendingLine> {
    const transform = this.#take();
    const layers = Math.max(1, encodings.length);
    const options = { ...of, side: "sender", layers, transform } as const;
    if (!this.#alive) throw new NotProtected("the worker is dead");
    const section = connection.addTransceiver(SOURCES[of.source].video ? "video" : "audio", {
      direction: "sendonly",
      ...(encodings.length > 0 ? { sendEncodings: encodings } : {}),
    });
    const behind = await this.#begin(section.sender, options);
    const line = new SendingLine(connection, of.source, section, behind, {
      isAlive: () => this.#alive,
      codecs: (types) => {
        this.#order({ order: "codecs", transform, types });
      },
      closed: (code) => {
        this.#close(transform, of.source, code);
      },
      forget: () => {
        this.#forget(transform);
        this.#order({ order: "end", transform });
      },
    });
    this.#senders.set(transform, line);
    this.#watch.add(transform, line);
    const given = this.#generations.flatMap((one) => this.#number(one, transform));
    this.#order({ order: "streams", given });
    return line;
  }

  /**
   * Put a receiver behind a transform, which opens nothing until it is told whose frames come. To be
   * called in the task in which the receiver came: what is set later is passed by in Chromium.
   */
  async receive(receiver: RTCRtpReceiver): Promise<ReceivingLine> {
    const transform = this.#take();
    await this.#begin(receiver, { side: "receiver", transform });
    return {
      assign: (of) => this.#ask((turn) => ({ order: "assign", transform, turn, of })),
      negotiated: () => {
        const types = typesOf(receiver.getParameters().codecs);
        this.#order({ order: "codecs", transform, types });
      },
      end: () => {
        this.#order({ order: "end", transform });
      },
    };
  }

  /** End it: nothing is sent or opened any more. */
  close(): void {
    if (this.#alive) this.#end();
  }

  #take(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  async #begin(
    end: RTCRtpSender | RTCRtpReceiver,
    options: TransformOptions,
  ): Promise<RTCRtpScriptTransform> {
    if (!this.#alive) throw new NotProtected("the worker is dead");
    if (typeof RTCRtpScriptTransform === "undefined" || !("transform" in end)) {
      throw new NotProtected("this browser cannot encrypt frames");
    }
    const running = new Promise<void>((resolve, reject) => {
      this.#runs.set(options.transform, { resolve, reject });
    });
    const transform = new RTCRtpScriptTransform(this.#worker, options);
    end.transform = transform;
    await running;
    return transform;
  }

  #number(generation: number, transform: number): Given[] {
    const stream = this.#book.take(generation);
    if (stream !== null) return [{ generation, stream, transform }];
    this.#say.usedUp(generation);
    return [];
  }

  #ask(order: (turn: number) => Order): Promise<void> {
    if (!this.#alive) return Promise.reject(new NotProtected("the worker is dead"));
    const turn = this.#turn;
    this.#turn += 1;
    return new Promise((resolve, reject) => {
      this.#done.set(turn, { resolve, reject });
      this.#order(order(turn));
    });
  }

  #order(order: Order, transferred: Transferable[] = []): void {
    if (this.#alive) this.#worker.postMessage(order, transferred);
  }

  #hear(word: Word): void {
    if (!this.#alive) return;
    this.#unanswered = 0;
    switch (word.word) {
      case "runs":
        settle(this.#runs, word.transform);
        return;
      case "done":
        settle(this.#done, word.turn);
        return;
      case "failed":
        this.#senders.get(word.transform)?.judged("failed");
        return;
      case "which-layer":
        void this.#answerLayer(word.transform, word.ssrc);
        return;
      case "unprotected": {
        const line = this.#senders.get(word.transform);
        if (line === undefined) return;
        void line.takeAway();
        this.#say.unprotected(line.source, word.codec);
        return;
      }
      case "first":
        this.#watch.soon();
        return;
      case "counted":
        this.#watch.counted(word.look, word.tallies);
        return;
      case "dropped":
        this.#say.dropped(word.rows);
        return;
      case "pong":
        return;
    }
  }

  async #answerLayer(transform: number, ssrc: number): Promise<void> {
    let layer: number | null = null;
    for (let waited = 0; waited < LAYER_MS && this.#alive; waited += LAYER_LOOK_MS) {
      layer = (await this.#senders.get(transform)?.layerOf(ssrc)) ?? null;
      if (layer !== null) break;
      await new Promise((resolve) => setTimeout(resolve, LAYER_LOOK_MS));
    }
    this.#order({ order: "layer", transform, ssrc, layer });
  }

  #forget(transform: number): void {
    this.#senders.delete(transform);
    this.#watch.delete(transform);
  }

  /** A line was found at fault. What a browser does to one, it may do to all. */
  #close(transform: number, source: Source, code: GuardCode): void {
    if (!this.#alive) return;
    if (code === "failed") this.#forget(transform);
    else this.#end();
    this.#say.closed(source, code);
  }

  #lose(): void {
    if (!this.#alive) return;
    this.#end();
    this.#say.lost();
  }

  #end(): void {
    this.#alive = false;
    clearInterval(this.#pinging);
    this.#watch.end();
    for (const line of this.#senders.values()) void line.takeAway();
    this.#worker.terminate();
    const error = new NotProtected("the worker is dead");
    for (const waiting of [...this.#runs.values(), ...this.#done.values()]) waiting.reject(error);
    this.#senders.clear();
    this.#runs.clear();
    this.#done.clear();
  }
}

/** A receiver behind a transform that runs. */
export interface ReceivingLine {
  /** From now on frames are this one's; resolves once they are opened as no other's. */
  assign(of: { readonly person: Bytes; readonly source: Source } | null): Promise<void>;
  negotiated(): void;
  /** Its connection is closed. */
  end(): void;
}

function settle(waiting: Map<number, Waiting>, key: number): void {
  waiting.get(key)?.resolve();
  waiting.delete(key);
}

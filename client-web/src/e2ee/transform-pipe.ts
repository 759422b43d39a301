// The pipe of one transform, in the worker: takes encoded frames of the browser out of one end, and puts
// into the other those that were encrypted, or opened. What goes wrong ends the pipe, not its guard.

import type { Bytes } from "../crypto/bytes";
import { type Protected, protection } from "./frame-codecs";
import type { Tally } from "./frame-guard";
import type { FrameReceiver } from "./frame-receiver";
import type { FrameSender } from "./frame-sender";

/** Of RTCEncodedVideoFrame and RTCEncodedAudioFrame what is used here. */
export interface BrowserFrame {
  data: ArrayBuffer;
  readonly timestamp?: number;
  getMetadata(): {
    readonly synchronizationSource?: number;
    readonly payloadType?: number;
    readonly mimeType?: string;
    readonly rtpTimestamp?: number;
  };
}

/** RTCRtpScriptTransformer. */
export interface Transformer {
  readonly options: unknown;
  readonly readable: ReadableStream<BrowserFrame>;
  readonly writable: WritableStream<BrowserFrame>;
  generateKeyFrame?(): Promise<unknown>;
}

/** How many layers of one sender there can be before what is asked of them is forgotten. */
const MOST_SSRCS = 16;
/** Frames of one sender that have come and are not handled yet; what comes beyond is not sent. */
const MOST_PENDING = 64;

/** What both ends have in common. */
abstract class TransformPipe {
  readonly #transformer: Transformer;
  readonly #writer: WritableStreamDefaultWriter<BrowserFrame>;
  #types: ReadonlyMap<number, string> = new Map();

  constructor(transformer: Transformer) {
    this.#transformer = transformer;
    this.#writer = transformer.writable.getWriter();
  }

  setCodecs(types: ReadonlyMap<number, string>): void {
    this.#types = types;
  }

  /** Handle frames until there are no more; each when the one before was done. */
  async run(): Promise<void> {
    const reader = this.#transformer.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await this.take(value);
    }
  }

  /** Take a frame that has come out of the browser. */
  protected take(frame: BrowserFrame): Promise<void> {
    return this.handle(frame);
  }

  protected abstract handle(frame: BrowserFrame): Promise<void>;

  /** The codec of a frame; what cannot be protected has none. */
  protected codecOf(frame: BrowserFrame): { name: string; how: Protected | null } {
    const { mimeType, payloadType = -1 } = frame.getMetadata();
    const name = mimeType ?? this.#types.get(payloadType) ?? "";
    return { name, how: protection(name) };
  }

  protected pass(frame: BrowserFrame, data: Bytes): void {
    frame.data = data.byteLength === data.buffer.byteLength ? data.buffer : data.slice().buffer;
    // A connection that was closed takes no more.
    this.#writer.write(frame).catch(() => undefined);
  }

  protected askForKeyFrame(): void {
    this.#transformer.generateKeyFrame?.().catch(() => undefined);
  }
}

/** What a sender's pipe asks and says. */
export interface SenderSays {
  /** The first frame has come. */
  first(): void;
  whichLayer(ssrc: number): void;
  unprotected(codec: string): void;
}

export class SenderPipe extends TransformPipe {
  readonly #sender: FrameSender;
  readonly #layers: number;
  readonly #says: SenderSays;
  readonly #layerOf = new Map<number, Promise<number | null>>();
  readonly #waiting = new Map<number, (layer: number | null) => void>();
  #silent = false;
  #refused = "";
  #frames = 0;
  #bytes = 0;
  #pending = 0;
  #turn: Promise<void> = Promise.resolve();
  #break: (why: unknown) => void = () => undefined;
  readonly #broken = new Promise<never>((_, reject) => {
    this.#break = reject;
  });

  constructor(transformer: Transformer, sender: FrameSender, layers: number, says: SenderSays) {
    super(transformer);
    this.#sender = sender;
    this.#layers = layers;
    this.#says = says;
  }

  /** What has come, and what of it was passed on. */
  get tally(): Tally {
    return { frames: this.#frames, bytes: this.#bytes };
  }

  /** Take the answer to which layer an SSRC is of. */
  setLayer(ssrc: number, layer: number | null): void {
    this.#waiting.get(ssrc)?.(layer);
    this.#waiting.delete(ssrc);
    // What could not be found is asked for again with the next frame.
    if (layer === null) this.#layerOf.delete(ssrc);
  }

  override run(): Promise<void> {
    return Promise.race([super.run(), this.#broken]);
  }

  /** Count it, and handle it after the others; what is counted is not waited for. */
  protected override take(frame: BrowserFrame): Promise<void> {
    this.#frames += 1;
    if (this.#frames === 1) this.#says.first();
    if (this.#pending < MOST_PENDING) {
      this.#pending += 1;
      this.#turn = this.#turn.then(async () => {
        await this.handle(frame);
        this.#pending -= 1;
      });
      // Once one has failed, none that comes later is handled or passed.
      this.#turn.catch(this.#break);
    } else {
      this.#silent = true;
    }
    return Promise.resolve();
  }

  protected override pass(frame: BrowserFrame, data: Bytes): void {
    this.#bytes += data.byteLength;
    super.pass(frame, data);
  }

  protected override async handle(frame: BrowserFrame): Promise<void> {
    const { how, name } = this.codecOf(frame);
    if (how === null) {
      if (this.#refused !== name) this.#says.unprotected(name);
      this.#refused = name;
      return;
    }
    const { rtpTimestamp, synchronizationSource = 0 } = frame.getMetadata();
    const layer = await this.#layer(synchronizationSource);
    if (layer === null) return;
    const sealed = await this.#sender.seal({
      ...how,
      data: new Uint8Array(frame.data),
      layer,
      timestamp: frame.timestamp ?? rtpTimestamp ?? 0,
    });
    if (sealed === null) {
      this.#silent = true;
      return;
    }
    // What comes after a gap shows nothing without one.
    if (this.#silent && !name.startsWith("audio/")) this.askForKeyFrame();
    this.#silent = false;
    this.pass(frame, sealed);
  }

  #layer(ssrc: number): Promise<number | null> {
    if (this.#layers === 1) return Promise.resolve(0);
    let layer = this.#layerOf.get(ssrc);
    if (layer === undefined) {
      if (this.#layerOf.size >= MOST_SSRCS) this.#layerOf.clear();
      layer = new Promise((resolve) => {
        this.#waiting.set(ssrc, resolve);
      });
      this.#layerOf.set(ssrc, layer);
      this.#says.whichLayer(ssrc);
    }
    return layer;
  }
}

export class ReceiverPipe extends TransformPipe {
  readonly #receiver: FrameReceiver;

  constructor(transformer: Transformer, receiver: FrameReceiver) {
    super(transformer);
    this.#receiver = receiver;
  }

  protected override async handle(frame: BrowserFrame): Promise<void> {
    const { how } = this.codecOf(frame);
    // Padding has no frame in it, and is nobody's fault.
    if (how === null || frame.data.byteLength === 0) return;
    await this.#receiver.take({
      ...how,
      data: new Uint8Array(frame.data),
      pass: (opened) => {
        this.pass(frame, opened);
      },
    });
  }
}

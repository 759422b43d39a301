// The worker that encrypts and decrypts frames: a program of its own, of which the page's main thread
// makes one. What it does with a frame is frame-sender.ts's and frame-receiver.ts's.

import { DropCounts } from "./drop-counts";
import type { Order, TransformOptions, Word } from "./frame-messages";
import { FrameReceiver } from "./frame-receiver";
import { FrameSender } from "./frame-sender";
import { GenerationRing } from "./generation-ring";
import { ReceiverPipe, SenderPipe, type Transformer } from "./transform-pipe";

/** How often is looked at what is held, and what is over. */
const LOOK_MS = 100;
/** How often a page is told what did not open. */
const TELL_MS = 1_000;

interface WorkerScope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
  postMessage(word: Word): void;
}

const scope = self as unknown as WorkerScope;
const clock = (): number => performance.now();
const ring = new GenerationRing(clock);
const counts = new DropCounts();
const senders = new Map<number, { sender: FrameSender; pipe: SenderPipe }>();
const receivers = new Map<number, { receiver: FrameReceiver; pipe: ReceiverPipe }>();

function begin(transformer: Transformer, options: TransformOptions): void {
  const { transform } = options;
  let running: Promise<void>;
  if (options.side === "sender") {
    const sender = new FrameSender(ring, options);
    const pipe = new SenderPipe(transformer, sender, options.layers, {
      first: () => {
        scope.postMessage({ word: "first", transform });
      },
      whichLayer: (ssrc) => {
        scope.postMessage({ word: "which-layer", transform, ssrc });
      },
      unprotected: (codec) => {
        scope.postMessage({ word: "unprotected", transform, codec });
      },
    });
    senders.set(transform, { sender, pipe });
    running = pipe.run();
  } else {
    const receiver = new FrameReceiver(ring, clock, ({ id, source }, code) => {
      counts.add(id, source, code);
    });
    const pipe = new ReceiverPipe(transformer, receiver);
    receivers.set(transform, { receiver, pipe });
    running = pipe.run();
  }
  void running
    .catch(() => {
      scope.postMessage({ word: "failed", transform });
    })
    .finally(() => {
      senders.delete(transform);
      receivers.delete(transform);
    });
  scope.postMessage({ word: "runs", transform });
}

function obey(order: Order): void {
  switch (order.order) {
    case "generation":
      ring.add(order.keys, order.elapsed);
      release();
      return;
    case "streams":
      for (const { generation, stream, transform } of order.given) {
        senders.get(transform)?.sender.give(generation, stream);
      }
      return;
    case "go":
      ring.go(order.generation);
      return;
    case "stop":
      ring.stop(order.what);
      scope.postMessage({ word: "done", turn: order.turn });
      return;
    case "assign":
      receivers.get(order.transform)?.receiver.assign(order.of);
      scope.postMessage({ word: "done", turn: order.turn });
      return;
    case "layer":
      senders.get(order.transform)?.pipe.setLayer(order.ssrc, order.layer);
      return;
    case "codecs":
      senders.get(order.transform)?.pipe.setCodecs(order.types);
      receivers.get(order.transform)?.pipe.setCodecs(order.types);
      return;
    case "end":
      senders.delete(order.transform);
      receivers.delete(order.transform);
      return;
    case "count": {
      const tallies = new Map([...senders].map(([transform, { pipe }]) => [transform, pipe.tally]));
      scope.postMessage({ word: "counted", look: order.look, tallies });
      return;
    }
    case "ping":
      scope.postMessage({ word: "pong" });
      return;
  }
}

function release(): void {
  for (const { receiver } of receivers.values()) void receiver.release();
}

scope.onrtctransform = ({ transformer }) => {
  begin(transformer, transformer.options as TransformOptions);
};
scope.onmessage = ({ data }) => {
  obey(data);
};
setInterval(() => {
  ring.forget();
  release();
}, LOOK_MS);
setInterval(() => {
  const rows = counts.take();
  if (rows.length > 0) scope.postMessage({ word: "dropped", rows });
}, TELL_MS);

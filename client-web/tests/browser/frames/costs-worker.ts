// Encrypts frames and decrypts them, and says how long that took.

import { type Bytes, encode } from "../../../src/crypto/bytes";
import { FrameReceiver } from "../../../src/e2ee/frame-receiver";
import { FrameSender } from "../../../src/e2ee/frame-sender";
import { GenerationRing } from "../../../src/e2ee/generation-ring";

interface Wish {
  readonly size: number;
  readonly frames: number;
  readonly source: "microphone" | "camera";
}

const person = new Uint8Array(32).fill(1);
const page = new Uint8Array(32).fill(2);

async function measure({ frames, size, source }: Wish) {
  const clock = () => performance.now();
  const ring = new GenerationRing(clock);
  const pages = new Map([[encode(person), page]]);
  const [header, place, secret] = [person, person, new Uint8Array(32)];
  ring.add({ number: 1, recorded: true, header, place, secret, pages });
  ring.go(1);
  const sender = new FrameSender(ring, { person, page, source });
  sender.give(1, 0);
  const receiver = new FrameReceiver(ring, clock, () => undefined);
  receiver.assign({ person, source });
  const codec = source === "camera" ? ("vp8" as const) : ("opus" as const);
  const data = new Uint8Array(size).fill(1);
  const sealed: Bytes[] = [];
  const began = clock();
  for (let at = 0; at < frames; at += 1) {
    const one = await sender.seal({ data, codec, red: false, layer: 0, timestamp: at });
    if (one !== null) sealed.push(one);
  }
  const middle = clock();
  let passed = 0;
  for (const one of sealed) {
    await receiver.take({ data: one, codec, red: false, pass: () => (passed += 1) });
  }
  const end = clock();
  if (passed !== frames) throw new Error(`${passed} of ${frames} opened`);
  return { sealed: (middle - began) / frames, opened: (end - middle) / frames };
}

self.onmessage = ({ data }: MessageEvent<Wish>) => {
  void measure(data).then((found) => {
    self.postMessage(found);
  });
};

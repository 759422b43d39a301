// Transforms without a browser: generations, senders and receivers on a clock that a test moves.

import { type Bytes, encode } from "../../src/crypto/bytes";
import type { DropCode } from "../../src/e2ee/drop-counts";
import type { FrameCodec } from "../../src/e2ee/frame-cipher";
import { FrameReceiver } from "../../src/e2ee/frame-receiver";
import { FrameSender } from "../../src/e2ee/frame-sender";
import { type GenerationKeys, GenerationRing } from "../../src/e2ee/generation-ring";
import { utf8 } from "../../src/crypto/bytes";
import type { Source } from "../../src/signalling/tracks";

export const bytes = (fill: number) => new Uint8Array(32).fill(fill);
export const ADA = bytes(1);
export const PAGE = bytes(2);

/** Keys of a generation; of each number its own. */
export function keysOf(number: number, changed: Partial<GenerationKeys> = {}): GenerationKeys {
  return {
    number,
    recorded: false,
    header: bytes(100 + number),
    place: bytes(150 + number),
    secret: bytes(50 + number),
    pages: new Map([[encode(ADA), PAGE]]),
    ...changed,
  };
}

export class Clock {
  now = 1_000;
  readonly read = () => this.now;
}

/** One end: a worker with a ring, and its transforms. */
export class End {
  readonly ring: GenerationRing;
  readonly drops: DropCode[] = [];
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
    this.ring = new GenerationRing(clock.read);
  }

  sender(source: Source = "camera", page = PAGE): FrameSender {
    return new FrameSender(this.ring, { person: ADA, page, source });
  }

  receiver(source: Source = "camera"): FrameReceiver {
    const receiver = new FrameReceiver(this.ring, this.clock.read, (_of, code) => {
      this.drops.push(code);
    });
    receiver.assign({ person: ADA, source });
    return receiver;
  }
}

/** A frame that says which it is. */
export function picture(text: string): Bytes {
  return Uint8Array.from([1, 2, 3, ...utf8(text)]);
}

/** A frame of sound that says which it is. */
export function sound(text: string): Bytes {
  return Uint8Array.from([0x78, ...utf8(text)]);
}

export function encoded(data: Bytes, codec: FrameCodec = "vp8", more = {}) {
  return { data, codec, red: false, layer: 0, timestamp: 0, ...more };
}

/** Give a receiver a frame; `into` gets what is passed, as text. */
export async function give(
  receiver: FrameReceiver,
  data: Bytes | null,
  into: string[],
  codec: FrameCodec = "vp8",
  red = false,
): Promise<void> {
  if (data === null) throw new Error("it was not sent");
  const clear = codec === "vp8" ? 3 : 1;
  await receiver.take({
    data,
    codec,
    red,
    pass: (opened) => into.push(red ? "" : new TextDecoder().decode(opened.subarray(clear))),
  });
}

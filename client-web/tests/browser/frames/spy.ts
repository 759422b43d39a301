// What somebody between sender and receiver has: the frames as they go by.

import { type Bytes, equal } from "../../../src/crypto/bytes";
import type { Source } from "../../../src/signalling/tracks";
import { protection } from "../../../src/e2ee/frame-codecs";
import { clearBytes, parseFrame } from "../../../src/e2ee/frame-cipher";
import { FrameReceiver } from "../../../src/e2ee/frame-receiver";
import { type GenerationKeys, GenerationRing } from "../../../src/e2ee/generation-ring";
import { parseRed } from "../../../src/e2ee/red-payload";
import address from "./spy-worker.ts?worker&url";

export interface Seen {
  readonly source: Source;
  readonly mimeType: string;
  readonly ssrc: number;
  readonly data: Bytes;
}

export function makeSpy(seen: (one: Seen) => void): Worker {
  const { trustedTypes } = globalThis as {
    trustedTypes?: {
      createPolicy(
        name: string,
        rules: { createScriptURL: (text: string) => string },
      ): { createScriptURL: (text: string) => string };
    };
  };
  const rules = { createScriptURL: (text: string) => text };
  const policy = trustedTypes?.createPolicy("spy", rules) ?? rules;
  const worker = new Worker(policy.createScriptURL(address), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Seen>) => {
    seen(data);
  };
  return worker;
}

/** Whether it is a frame that was encrypted, whoever has the key. */
export function isEncrypted({ data, mimeType }: Seen): boolean {
  if (data.length === 0) return true; // padding
  const how = protection(mimeType);
  if (how === null) return false;
  try {
    parseFrame(how.codec, how.red ? (parseRed(data).at(-1)?.data ?? data) : data);
    return true;
  } catch {
    return false;
  }
}

/** How many of them open with these keys, by source and layer; `again`: blocks sent as they were. */
export async function look(all: readonly Seen[], keys: GenerationKeys | null, person: Bytes) {
  const ring = new GenerationRing(() => 0);
  if (keys !== null) ring.add(keys);
  const opened: Record<string, number> = {};
  const widths: Record<string, number> = {};
  const dropped: Record<string, number> = {};
  let again = 0;
  let changed = 0;
  let readable = 0;
  const primaries: Bytes[] = [];
  for (const { data, mimeType, source } of all.filter((one) => one.data.length > 0)) {
    const how = protection(mimeType);
    if (how === null) throw new Error(`${mimeType} went by`);
    const blocks = how.red ? parseRed(data) : [];
    for (const block of blocks.slice(0, -1)) {
      if (primaries.some((one) => equal(one, block.data))) again += 1;
      else changed += 1;
    }
    const newest = blocks.at(-1)?.data ?? data;
    if (how.red) primaries.push(newest);
    const { layer } = parseFrame(how.codec, newest).number;
    const receiver = new FrameReceiver(
      ring,
      () => 0,
      (_of, code) => {
        dropped[code] = (dropped[code] ?? 0) + 1;
      },
    );
    receiver.assign({ person, source });
    await receiver.take({
      ...how,
      data,
      pass: (frame) => {
        const name = `${source} ${layer}`;
        opened[name] = (opened[name] ?? 0) + 1;
        // A key frame of VP8 says how wide it is (RFC 6386, section 9.1).
        if (how.codec === "vp8" && ((frame[0] ?? 1) & 1) === 0) {
          widths[name] = (frame[6] ?? 0) | (((frame[7] ?? 0) & 0x3f) << 8);
        }
        // Of what is inside nothing but the clear bytes is to be seen outside.
        if (how.red) return;
        const inside = frame.subarray(clearBytes(how.codec, frame[0] ?? 0));
        if (inside.length >= 16 && holds(data, inside.subarray(0, 16))) readable += 1;
      },
    });
  }
  return { frames: all.length, opened, dropped, again, changed, readable, widths };
}

function holds(whole: Bytes, part: Bytes): boolean {
  for (let at = 0; at + part.length <= whole.length; at += 1) {
    if (equal(whole.subarray(at, at + part.length), part)) return true;
  }
  return false;
}

// Frames: their numbers, keys and bytes, as the vectors that Python reads as well have them.

import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { FormatError, SealError } from "../../src/crypto/errors";
import {
  clearBytes,
  type FrameCodec,
  MAX_FRAME_BYTES,
  MAX_SEALED_BYTES,
  openFrame,
  parseFrame,
  sealFrame,
} from "../../src/e2ee/frame-cipher";
import {
  counterOf,
  frameBaseKey,
  frameKey,
  frameNumber,
  kidOf,
  MAX_COUNT,
  MAX_GENERATION,
} from "../../src/e2ee/frame-key";
import { AES_256_GCM, deriveSframe, readHeader } from "../../src/e2ee/sframe";
import type { Source } from "../../src/signalling/tracks";
import { vectors } from "../vectors";

interface Context {
  slot_secret: string;
  header: string;
  person: string;
  page: string;
  source: Source;
  generation: number;
  slot: number;
  stream: number;
}

interface Frames {
  keys: (Context & { base_key: string; kid: number; key: string; salt: string })[];
  numbers: { name: string; bytes: string; number: number[] | null }[];
  frames: {
    name: string;
    codec: FrameCodec;
    sealed: string;
    key: Context;
    opened: { frame: string; ms: number; layer: number; count: number } | null;
    problem: string | null;
  }[];
  not_sealed: { name: string; codec: FrameCodec; frame: string }[];
}

const given = vectors("frames") as Frames;

function contextOf(one: Context): Parameters<typeof frameKey> {
  const { person, page, source, generation, slot, stream } = one;
  return [
    decode(one.slot_secret),
    decode(one.header),
    { person: decode(person), page: decode(page), source },
    { generation, slot, stream },
  ];
}

describe("keys of frames", () => {
  it.each(given.keys)("follow from slot $slot and stream $stream", async (one) => {
    const context = contextOf(one);
    const base = frameBaseKey(...context);
    expect(encode(base)).toBe(one.base_key);
    expect(kidOf(context[3])).toBe(BigInt(one.kid));
    const { key, salt } = await deriveSframe(base, BigInt(one.kid), AES_256_GCM);
    expect([encode(key), encode(salt)]).toEqual([one.key, one.salt]);
  });

  it.each(given.numbers)("have numbers: $name", ({ bytes, number }) => {
    const { header } = readHeader(decode(bytes));
    if (number === null) {
      expect(() => frameNumber(header)).toThrow(FormatError);
      return;
    }
    const [generation = 0, slot = 0, stream = 0, layer = 0, count = 0] = number;
    const key = { generation, slot, stream };
    expect(frameNumber(header)).toEqual({ key, layer, count });
    expect({ kid: kidOf(key), ctr: counterOf(layer, count) }).toEqual(header);
  });

  it("end where the trees do, and have the lengths they must have", () => {
    const [one] = given.keys;
    if (one === undefined) throw new Error("no vector");
    const [secret, header, sender, key] = contextOf(one);
    for (const wrong of [
      { ...key, slot: 256 },
      { ...key, slot: -1 },
      { ...key, stream: 256 },
      { ...key, generation: 0 },
      { ...key, generation: MAX_GENERATION + 1 },
      { ...key, slot: 0.5 },
    ]) {
      expect(() => frameBaseKey(secret, header, sender, wrong)).toThrow(RangeError);
    }
    const short = new Uint8Array(31);
    expect(() => frameBaseKey(short, header, sender, key)).toThrow(RangeError);
    expect(() => frameBaseKey(secret, short, sender, key)).toThrow(RangeError);
    expect(() => frameBaseKey(secret, header, { ...sender, page: short }, key)).toThrow(RangeError);
    expect(() => frameBaseKey(secret, header, { ...sender, person: short }, key)).toThrow(
      RangeError,
    );
    for (const [layer, count] of [
      [3, 0],
      [-1, 0],
      [0, -1],
      [0, MAX_COUNT + 1],
    ] as const) {
      expect(() => counterOf(layer, count)).toThrow(RangeError);
    }
  });
});

describe("frames", () => {
  it.each(given.frames)("$name", async ({ codec, sealed, key: context, opened, problem }) => {
    const key = await frameKey(...contextOf(context));
    if (opened === null) {
      expect(await problemWith()).toBe(problem);
      return;
    }
    const { layer, count, ms } = opened;
    const parsed = parseFrame(codec, decode(sealed));
    expect(parsed.number).toEqual({ key: contextOf(context)[3], layer, count });
    const found = await openFrame(key, parsed);
    expect({ frame: encode(found.frame), ms: found.ms }).toEqual({ frame: opened.frame, ms });
    const again = await sealFrame(key, counterOf(layer, count), codec, ms, found.frame);
    expect(encode(again)).toBe(sealed);

    async function problemWith(): Promise<string | null> {
      try {
        await openFrame(key, parseFrame(codec, decode(sealed)));
        return null;
      } catch (error) {
        if (error instanceof SealError) return "does-not-open";
        if (!(error instanceof FormatError)) throw error;
        return error.field === "ms" ? "out-of-time" : "bad-frame";
      }
    }
  });

  it.each(given.not_sealed)("are not sent: $name", async ({ codec, frame }) => {
    const key = await someKey();
    await expect(sealFrame(key, 0n, codec, 0, decode(frame))).rejects.toThrow(FormatError);
  });

  it.each([
    ["vp8", 0x50, 10],
    ["vp8", 0xb1, 3],
    ["opus", 0x78, 1],
    ["opus", 0x7a, 1],
    ["opus", 0x7b, 2],
    ["vp9", 0x82, 0],
  ] as const)("of %s that begin with %d have clear bytes", async (codec, first, length) => {
    expect(clearBytes(codec, first)).toBe(length);
    const frame = Uint8Array.from({ length: 40 }, (_, at) => (at === 0 ? first : 100 + at));
    const sealed = await sealFrame(await someKey(), 4n, codec, 0, frame);
    expect(sealed.subarray(0, length)).toEqual(frame.subarray(0, length));
    expect(encode(sealed)).not.toContain(encode(frame.slice(10, 22)));
  });

  it("have a largest size, and a time within their slot", async () => {
    const frame = new Uint8Array(MAX_FRAME_BYTES + 1).fill(0x82);
    const key = await someKey(MAX_GENERATION);
    const last = counterOf(2, MAX_COUNT);
    const sealed = await sealFrame(key, last, "vp9", 0, frame.subarray(1));
    expect(sealed).toHaveLength(MAX_SEALED_BYTES);
    expect(parseFrame("vp9", sealed).number.count).toBe(MAX_COUNT);
    await expect(sealFrame(key, last, "vp9", 0, frame)).rejects.toThrow(FormatError);
    expect(() => parseFrame("vp9", new Uint8Array(MAX_SEALED_BYTES + 1))).toThrow(FormatError);
    for (const ms of [-1, 2_000, 0.5]) {
      await expect(sealFrame(key, 0n, "vp9", ms, frame.subarray(0, 9))).rejects.toThrow(RangeError);
    }
  });
});

async function someKey(generation = 1): ReturnType<typeof frameKey> {
  const [one] = given.keys;
  if (one === undefined) throw new Error("no vector");
  return frameKey(...contextOf({ ...one, generation, slot: 255, stream: 255 }));
}

import { describe, expect, it } from "vitest";

import { encode } from "../../src/crypto/bytes";
import { pictureOf, stillFrame } from "../../src/watching/still-frame";
import { vectors } from "../vectors";

interface Vectors {
  readonly frames: readonly {
    readonly width: number;
    readonly height: number;
    readonly version: number;
    readonly frame: string;
  }[];
}

const { frames } = vectors("still-frames") as Vectors;

describe("a still frame", () => {
  // That decoders show the same picture again is seen in tests/test_still_frames.py.
  it.each(frames)("is the one that decoders were tried with: $width x $height", (one) => {
    expect(encode(stillFrame(one))).toBe(one.frame);
  });

  it("names the version of the pictures", () => {
    const [tag] = stillFrame({ width: 16, height: 16, version: 3 });
    expect((tag ?? 0) & 0x0f).toBe((3 << 1) | 1);
  });
});

describe("what a key frame says of the pictures", () => {
  const key = [0x10 | (2 << 1), 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x81, 0];

  it("is their size, without how to scale them, and the version", () => {
    const picture = { width: 640, height: 360, version: 2 };
    expect(pictureOf(Uint8Array.from(key))).toEqual(picture);
  });

  it("is nothing where it is none", () => {
    for (const [at, value] of [
      [0, 0x11],
      [3, 0],
      [4, 0],
      [5, 0],
    ] as const) {
      expect(pictureOf(Uint8Array.from(key).fill(value, at, at + 1))).toBeNull();
    }
    expect(pictureOf(new Uint8Array())).toBeNull();
  });
});

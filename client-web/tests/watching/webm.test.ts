import { describe, expect, it } from "vitest";

import { type Bytes, concat, utf8 } from "../../src/crypto/bytes";
import { keyFrames, lasting } from "../../src/watching/webm";

function block(relative: number, key: boolean, size = 3): number[] {
  const body = [
    0x81,
    (relative >> 8) & 255,
    relative & 255,
    key ? 0x80 : 0,
    ...Array.from({ length: size }, () => 7),
  ];
  return [0xa3, 0x80 | body.length, ...body];
}

function cluster(time: number, ...blocks: number[][]): Bytes {
  const stamp = [
    0xe7,
    0x84,
    (time >>> 24) & 255,
    (time >>> 16) & 255,
    (time >>> 8) & 255,
    time & 255,
  ];
  const body = [...stamp, ...blocks.flat()];
  return Uint8Array.from([
    0x1f,
    0x43,
    0xb6,
    0x75,
    0x40 | (body.length >> 8),
    body.length & 255,
    ...body,
  ]);
}

describe("key frames", () => {
  it("are found, with their times in the meeting", () => {
    const first = cluster(3_600_000, block(0, false), block(66, true), block(133, false));
    const second = cluster(3_601_500, block(0, true));
    expect(keyFrames(concat(first, second))).toEqual([3_600_066, 3_601_500]);
  });

  it("are not there where there is none", () => {
    expect(keyFrames(cluster(5, block(0, false)))).toEqual([]);
    expect(keyFrames(new Uint8Array())).toEqual([]);
    expect(keyFrames(utf8("\u001aEß£ nothing of the kind"))).toEqual([]);
  });

  it("are not read beyond what is there", () => {
    const whole = cluster(5, block(0, true));
    for (let length = 0; length < whole.length; length += 1) {
      expect(keyFrames(whole.slice(0, length))).toEqual([]);
    }
  });
});

describe("the last picture of a cluster", () => {
  const first = cluster(1000, block(0, true), block(66, false));
  const tail = (duration: number, key: boolean): number[] => [
    ...[0xa0, 0x10, 0, 0, key ? 19 : 25],
    ...[0xa1, 0x10, 0, 0, 7, 0x81, 0, 66, 0, 7, 7, 7],
    ...[0x9b, 0x10, 0, 0, 2, duration >> 8, duration & 255],
    ...(key ? [] : [0xfb, 0x10, 0, 0, 1, 0xff]),
  ];

  it("lasts until the next one, and everything else stays as it is", () => {
    const given = lasting(first, 1133);
    // Timestamp and first block are as they were, after a size that is written in four bytes.
    expect([...given.subarray(8, 8 + 6 + 9)]).toEqual([...first.subarray(6, 6 + 6 + 9)]);
    expect([...given.subarray(8 + 6 + 9)]).toEqual(tail(67, false));
    expect([...given.subarray(4, 8)]).toEqual([0x10, 0, 0, given.length - 8]);
  });

  it("stays a key frame where it was one", () => {
    const given = lasting(cluster(1000, block(0, true), block(66, true)), 1100);
    expect([...given.subarray(8 + 6 + 9)]).toEqual(tail(34, true));
  });

  it("lasts a usual time where nothing follows, or only much later", () => {
    for (const next of [null, 1066, 5, 99_000]) {
      expect([...lasting(first, next).subarray(8 + 6 + 9)]).toEqual(tail(67, false));
    }
  });

  it("is left alone where there is none that is understood", () => {
    for (const data of [new Uint8Array(), utf8("nothing of the kind"), cluster(5)]) {
      expect(lasting(data, 7)).toBe(data);
    }
  });

  it("is that of the last cluster of several", () => {
    const whole = concat(first, cluster(2000, block(66, false)));
    const given = lasting(whole, 2133);
    expect([...given.subarray(0, first.length)]).toEqual([...first]);
    expect(given.length).toBeGreaterThan(whole.length);
  });
});

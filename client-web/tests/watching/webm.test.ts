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

/** A block that says how long it lasts, as the recorder writes it. */
function group(relative: number, key: boolean, duration: number): number[] {
  const [, , ...content] = block(relative, false);
  const body = [
    ...[0xa1, 0x80 | content.length, ...content],
    ...[0x9b, 0x82, duration >> 8, duration & 255],
    ...(key ? [] : [0xfb, 0x81, 0xff]),
  ];
  return [0xa0, 0x80 | body.length, ...body];
}

describe("key frames", () => {
  it("are found where blocks say how long they last", () => {
    const whole = cluster(5000, group(0, true, 33), group(33, false, 33), group(66, true, 9));
    expect(keyFrames(whole)).toEqual([5000, 5066]);
  });

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

  it("lasts as long as the one before where nothing follows, or only much later", () => {
    for (const until of [1066, 5, 99_000]) {
      expect([...lasting(first, until).subarray(8 + 6 + 9)]).toEqual(tail(66, false));
    }
    const grouped = lasting(cluster(1000, group(0, true, 66), block(66, false)), 99_000);
    expect([...grouped.subarray(-tail(66, false).length)]).toEqual(tail(66, false));
  });

  it.each([1000, 2500, 4000])("is a slide that lasts until the next, after %i ms", (apart) => {
    const alone = cluster(1000, block(66, false));
    expect([...lasting(alone, 1066 + apart).subarray(8 + 6)]).toEqual(tail(apart, false));
  });

  it("lasts a while where it is alone", () => {
    const alone = cluster(1000, block(66, false));
    expect([...lasting(alone, 99_000).subarray(8 + 6)]).toEqual(tail(5000, false));
  });

  it("is left alone where it says itself how long it lasts", () => {
    const whole = cluster(1000, block(0, true), group(66, false, 33));
    expect(lasting(whole, 99_000)).toBe(whole);
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

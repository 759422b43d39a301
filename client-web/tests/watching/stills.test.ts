import { describe, expect, it } from "vitest";

import { type Bytes, concat, equal } from "../../src/crypto/bytes";
import { stillFrame } from "../../src/watching/still-frame";
import { Stills } from "../../src/watching/stills";
import { type Block, blocks, CLUSTER, element, elements, group } from "../../src/watching/webm";

const KEY = Uint8Array.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 32, 0, 16, 0, 7]);
const OTHER = Uint8Array.from([0x11, 0, 0, 9]);
const STILL = stillFrame({ width: 32, height: 16, version: 0 });
const STAMP = Uint8Array.of(0xe7, 0x82, 0x03, 0xe8); // the cluster begins at 1 s

function cluster(...parts: Bytes[]): Bytes {
  return element(CLUSTER, STAMP, ...parts);
}

function read(plaintext: Bytes): Block[] {
  return [...elements(plaintext)].flatMap(({ body, id }) =>
    id === CLUSTER ? [...blocks(body)] : [],
  );
}

describe("slides", () => {
  it("are shown again until the next, the more often just before, each for as long as it says", () => {
    const given = new Stills().fill(
      cluster(group(0, true, KEY, 400), group(400, false, OTHER, 33)),
    );
    const found = read(given);
    expect(found.map(({ lasts, time }) => [time, lasts])).toEqual([
      ...[0, 100, 200].map((time) => [time, 100]),
      [300, 40],
      ...[340, 350, 360, 370, 380, 390].map((time) => [time, 10]),
      [400, 33],
    ]);
    expect(found.map(({ key }) => key)).toEqual([true, ...Array<boolean>(10).fill(false)]);
    const frames = found.map(({ frame }) => frame);
    expect(equal(frames[0] ?? OTHER, KEY)).toBe(true);
    expect(frames.slice(1, 10).every((frame) => equal(frame, STILL))).toBe(true);
    expect(equal(frames[10] ?? KEY, OTHER)).toBe(true);
  });

  it("go on in the next segment, which may have no key frame", () => {
    const stills = new Stills();
    stills.fill(cluster(group(0, true, KEY, 33)));
    const found = read(stills.fill(cluster(group(500, false, OTHER, 4000))));
    expect(found.length).toBeGreaterThan(40);
    expect(found.at(-1)).toMatchObject({ time: 4490, lasts: 10 });
  });

  it("last until the next where they do not say how long", () => {
    const simple = Uint8Array.from([0xa3, 0x80 | (4 + KEY.length), 0x81, 0, 0, 0x80, ...KEY]);
    const found = read(new Stills().fill(cluster(simple, group(1000, false, OTHER, 33))));
    expect(found.length).toBeGreaterThan(10);
    expect(found[0]).toMatchObject({ time: 0, key: true, lasts: 100 });
  });

  it("are of the size that the last key frame says", () => {
    const larger = KEY.slice();
    larger[6] = 64;
    const stills = new Stills();
    stills.fill(cluster(group(0, true, KEY, 400)));
    const [, still] = read(stills.fill(cluster(group(0, true, larger, 400))));
    expect(still?.frame).toEqual(stillFrame({ width: 64, height: 16, version: 0 }));
  });

  it("are not touched where nothing lasts, or nothing is known of the pictures", () => {
    const quick = cluster(group(0, true, KEY, 33), group(33, false, OTHER, 150));
    expect(new Stills().fill(quick)).toBe(quick);
    const unknown = cluster(group(0, false, OTHER, 4000));
    expect(new Stills().fill(unknown)).toBe(unknown);
    const other = concat(element(0x1549a966, Uint8Array.of(1)), Uint8Array.of(1, 2, 3));
    expect(new Stills().fill(other)).toBe(other);
  });
});

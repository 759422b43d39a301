// A relayed generation opened by who was there, as the vectors that Python reads as well have it.

import { describe, expect, it } from "vitest";

import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import { FormatError, GenerationError, SealError } from "../../src/crypto/errors";
import { digest } from "../../src/crypto/suite";
import { parseBoxes, parseOuter } from "../../src/e2ee/boxes";
import { parseGeneration } from "../../src/e2ee/generation-header";
import { openForWatching } from "../../src/e2ee/opening";
import type { Entry } from "../../src/watching/closing";
import { readClusters, type StoredBlock, writeCluster } from "../../src/watching/clusters";
import { checkWatcher, GenerationKeys } from "../../src/watching/generation-keys";
import { GenerationTrack } from "../../src/watching/generation-track";
import { vectors } from "../vectors";

interface Shown {
  time: number;
  key: boolean;
  frame: string;
  duration: number;
}

interface Stored {
  object: string;
  entry: Omit<Entry, "digest"> & { digest: string };
  blocks: Shown[] | null;
}

const given = vectors("relayed") as {
  header: string;
  boxes: string;
  pairs: string;
  outer: string;
  watching: {
    person: string;
    private: string;
    pair_box: string;
    pair: string;
    slots: string;
    outer_key: string;
  };
  clusters: { name: string; bytes: string; clusters: Shown[][] | null }[];
  tracks: {
    name: string;
    track: string;
    without: number[];
    segments: Stored[];
    left_out: Record<string, number>;
  }[];
};

const header = await parseGeneration(decode(given.header));
const boxes = await parseBoxes(decode(given.boxes), header);
const outer = parseOuter(decode(given.outer), header);
const { watching } = given;
const person = decode(watching.person);
const all = await openForWatching(header, boxes, person, decode(watching.pair));

function own() {
  const secret = boxes.watch.get(watching.person);
  const sealed = outer.watch.get(watching.person);
  if (secret === undefined || sealed === undefined) throw new Error("it has no box");
  return { pair: decode(watching.pair_box), secret, outer: sealed };
}

const keys = { person, watchSecret: decode(watching.private) };

function shown(blocks: readonly StoredBlock[]): Shown[] {
  return blocks.map((block) => ({ ...block, frame: encode(block.frame) }));
}

function entryOf({ entry }: Stored): Entry {
  return { ...entry, digest: decode(entry.digest) };
}

function flipped(data: Bytes): Bytes {
  const changed = data.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
}

describe("clusters", () => {
  it.each(given.clusters)("$name", ({ bytes, clusters }) => {
    if (clusters === null) {
      expect(() => readClusters(decode(bytes))).toThrow(FormatError);
      return;
    }
    const found = readClusters(decode(bytes));
    expect(found.map(shown)).toEqual(clusters);
    for (const blocks of found.filter((one) => one.length > 0)) {
      expect(readClusters(writeCluster(blocks)).map(shown)).toEqual([shown(blocks)]);
    }
  });
});

describe("keys", () => {
  it("are those of who may watch", async () => {
    expect(encode(await digest(Uint8Array.from(all.flatMap((slot) => [...slot]))))).toBe(
      watching.slots,
    );
    const found = await GenerationKeys.open(header, own(), keys);
    const [first] = given.tracks;
    if (first === undefined) throw new Error("there is a track");
    const track = found.track(first.track);
    expect(found.track(first.track)).toBe(track);
    const [, segment] = first.segments;
    if (segment === undefined) throw new Error("there is a segment");
    const { data } = await track.open(decode(segment.object), entryOf(segment));
    const opened = readClusters(data);
    expect(shown(opened.flat())).toEqual(segment.blocks);
  });

  it.each([
    ["pair", "bad-pair"],
    ["secret", "bad-secret"],
    ["outer", "bad-outer"],
  ] as const)("are not got from another %s box", async (name, code) => {
    const changed = { ...own(), [name]: flipped(own()[name]) };
    const failed = await GenerationKeys.open(header, changed, keys).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(GenerationError);
    expect((failed as GenerationError).code).toBe(code);
  });

  it("are for whom the header names as watching, in this meeting", () => {
    type Args = Parameters<typeof checkWatcher>;
    const charter = { meeting: header.meeting, digest: header.charter } as Args[1];
    const me = keys as Args[2];
    checkWatcher(header, charter, me);
    const away = header.people.find(({ present }) => !present);
    if (away === undefined) throw new Error("somebody has left");
    expect(() => {
      checkWatcher(header, charter, { ...me, person: away.id });
    }).toThrow(/people/);
    expect(() => {
      checkWatcher(header, { ...charter, meeting: new Uint8Array(16) }, me);
    }).toThrow(/meeting/);
    expect(() => {
      checkWatcher(header, { ...charter, digest: new Uint8Array(32) }, me);
    }).toThrow(/charter/);
  });
});

describe("a track", () => {
  const outerKey = decode(watching.outer_key);

  function opening(name: string, without: readonly number[] = []): GenerationTrack {
    const slots = new Map([...all.entries()].filter(([slot]) => !without.includes(slot)));
    return new GenerationTrack(header, name, outerKey, slots);
  }

  it.each(given.tracks)("$name", async (one) => {
    const track = opening(one.track, one.without);
    for (const segment of one.segments) {
      const { data } = await track.open(decode(segment.object), entryOf(segment));
      if (segment.blocks !== null) {
        expect(shown(readClusters(data).flat())).toEqual(segment.blocks);
      }
    }
    expect(Object.fromEntries(track.leftOut)).toEqual(one.left_out);
  });

  it("can be opened again, and from the end", async () => {
    const [one] = given.tracks;
    if (one === undefined) throw new Error("there is a track");
    const track = opening(one.track);
    for (const segment of [...one.segments.toReversed(), ...one.segments]) {
      const { data } = await track.open(decode(segment.object), entryOf(segment));
      if (segment.blocks !== null) {
        expect(shown(readClusters(data).flat())).toEqual(segment.blocks);
      }
    }
    expect(track.leftOut.size).toBe(0);
  });

  it.each(given.tracks)("asked for at once is opened in its order: $name", async (one) => {
    const track = opening(one.track, one.without);
    const found = await Promise.all(
      one.segments.map((segment) => track.open(decode(segment.object), entryOf(segment))),
    );
    for (const [at, { blocks }] of one.segments.entries()) {
      if (blocks === null) continue;
      expect(shown(readClusters(found[at]?.data ?? new Uint8Array()).flat())).toEqual(blocks);
    }
    expect(Object.fromEntries(track.leftOut)).toEqual(one.left_out);
  });

  it("goes on after one that was not opened", async () => {
    const [one] = given.tracks;
    const [first, second] = one?.segments ?? [];
    if (one === undefined || first === undefined || second === undefined) {
      throw new Error("there are segments");
    }
    const track = opening(one.track);
    const [failed, opened] = await Promise.allSettled([
      track.open(flipped(decode(first.object)), entryOf(first)),
      track.open(decode(second.object), entryOf(second)),
    ]);
    expect([failed.status, opened.status]).toEqual(["rejected", "fulfilled"]);
  });

  it("is opened in its own place only", async () => {
    const [sound, pictures] = given.tracks;
    const segment = sound?.segments[1];
    if (sound === undefined || pictures === undefined || segment === undefined) {
      throw new Error("there are tracks");
    }
    const data = decode(segment.object);
    const entry = entryOf(segment);
    const twisted = flipped(data);
    for (const [name, object, listed] of [
      [sound.track, twisted, entry],
      [pictures.track, data, entry],
      [sound.track, data, { ...entry, sequence: 2 }],
      [sound.track, data, { ...entry, start: entry.start + 1 }],
      [sound.track, twisted, { ...entry, digest: await digest(twisted) }],
    ] as const) {
      await expect(opening(name).open(object, listed)).rejects.toThrow(SealError);
    }
  });

  it("of a page that has committed is refused, until its reader is written", () => {
    const [sound] = given.tracks;
    const other = { ...header, committer: new Uint8Array(32) };
    expect(() => new GenerationTrack(other, sound?.track ?? "", outerKey, new Map())).toThrow(
      GenerationError,
    );
  });
});

import { describe, expect, it } from "vitest";

import type { Bytes } from "../../src/crypto/bytes";
import { fileName } from "../../src/pages/receipt/copies";
import type { Archive, Fetched, OpenedGeneration, Part } from "../../src/watching/archive";
import type { ClosedTrack } from "../../src/watching/closing";
import { copyTrack, PartSink, type Sink, sizeOf } from "../../src/watching/copy";
import { lasting } from "../../src/watching/webm";

function generation(number: number, segments: number): OpenedGeneration {
  const entries = Array.from({ length: segments }, (_, sequence) => ({
    track: "x.camera",
    sequence,
    digest: new Uint8Array(32),
    size: 10,
    start: 0,
    end: 0,
  }));
  const track: ClosedTrack = { name: "x.camera", person: "x", source: "camera", entries };
  return { number, end: 0, tracks: new Map([["x.camera", track]]) } as unknown as OpenedGeneration;
}

/** Gives for each segment the two bytes of its generation and sequence. */
function archive(gone: readonly string[] = [], lacking: readonly string[] = []): Archive {
  return {
    async *segments(of: OpenedGeneration, parts: readonly Part[]): AsyncGenerator<Fetched> {
      for (const { first, last, track } of parts) {
        for (const entry of track.entries.slice(first, last + 1)) {
          await Promise.resolve();
          const place = `${of.number}/${entry.sequence}`;
          const data = Uint8Array.of(of.number, entry.sequence);
          yield gone.includes(place)
            ? { entry, track, data: null, why: "gone" }
            : { entry, track, data, whole: !lacking.includes(place) };
        }
      }
    },
  } as unknown as Archive;
}

class Memory implements Sink {
  readonly parts: Bytes[] = [];
  end: "open" | "closed" | "aborted" = "open";

  write(data: Bytes): Promise<void> {
    this.parts.push(data);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.end = "closed";
    return Promise.resolve();
  }

  abort(): Promise<void> {
    this.end = "aborted";
    return Promise.resolve();
  }
}

const GENERATIONS = [generation(1, 3), generation(2, 2)];

describe("a copy of a track", () => {
  it("is its header, once, and everything after it", async () => {
    const sink = new Memory();
    let seen = 0;
    const done = await copyTrack(
      archive(),
      GENERATIONS,
      "x.camera",
      sink,
      (bytes) => {
        seen += bytes;
      },
      new AbortController().signal,
    );
    expect(sink.parts.map((one) => [...one])).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
    expect([sink.end, done.bytes, done.missing, seen]).toEqual(["closed", 8, 0, 50]);
    expect(sizeOf(GENERATIONS, "x.camera")).toBe(50);
  });

  it("says of each last picture of a segment how long it lasts", async () => {
    const slide = Uint8Array.of(
      ...[0x1f, 0x43, 0xb6, 0x75, 0x8a],
      ...[0xe7, 0x82, 0x10, 0x00], // at 4,096 ms
      ...[0xa3, 0x84, 0x81, 0, 0, 0x80],
    );
    const entries = [0, 4096, 8096].map((start, sequence) => ({
      ...{ track: "x.screen", sequence, digest: new Uint8Array(32), size: 10 },
      ...{ start, end: start },
    }));
    const track = { name: "x.screen", person: "x", source: "screen", entries } as const;
    const shown = { number: 1, end: 9000, tracks: new Map([["x.screen", track]]) };
    const sink = new Memory();
    const all = {
      async *segments(): AsyncGenerator<Fetched> {
        await Promise.resolve();
        for (const entry of entries) yield { entry, track, data: slide, whole: true };
      },
    } as unknown as Archive;
    const signal = new AbortController().signal;
    await copyTrack(
      all,
      [shown as unknown as OpenedGeneration],
      "x.screen",
      sink,
      () => undefined,
      signal,
    );
    expect(sink.parts[1]).toEqual(lasting(slide, 8096));
    expect([...(sink.parts[1] ?? [])].slice(-2)).toEqual([4000 >> 8, 4000 & 255]);
  });

  it("says what is missing", async () => {
    const sink = new Memory();
    const signal = new AbortController().signal;
    const gone = archive(["1/0", "1/1", "1/2"]);
    const done = await copyTrack(gone, GENERATIONS, "x.camera", sink, () => undefined, signal);
    expect(sink.parts.map((one) => [...one])).toEqual([
      [2, 0],
      [2, 1],
    ]);
    expect(done.missing).toBe(3);
    // Of which frames are left out, it is there, and not whole.
    const lacking = archive([], ["1/1", "2/1"]);
    const partly = await copyTrack(
      lacking,
      GENERATIONS,
      "x.camera",
      new Memory(),
      () => undefined,
      signal,
    );
    expect([partly.bytes, partly.missing]).toEqual([8, 2]);
  });

  it("is given up when it is stopped", async () => {
    const sink = new Memory();
    const stop = new AbortController();
    const copying = copyTrack(
      archive(),
      GENERATIONS,
      "x.camera",
      sink,
      () => {
        stop.abort();
      },
      stop.signal,
    );
    await expect(copying).rejects.toThrow("aborted");
    expect(sink.end).toBe("aborted");
  });
});

describe("a copy in parts", () => {
  it("is cut where a part is full, and each begins with the header", async () => {
    const saved: [string, number, boolean][] = [];
    const reading: Promise<void>[] = [];
    const sink = new PartSink((part, number, last) => {
      reading.push(
        part.text().then((text) => {
          saved.push([text, number, last]);
        }),
      );
    }, 6);
    for (const text of ["H", "aa", "bb", "cc", "d"]) {
      await sink.write(new TextEncoder().encode(text));
    }
    await sink.close();
    await Promise.all(reading);
    expect(saved.sort((left, right) => left[1] - right[1])).toEqual([
      ["Haabb", 1, false],
      ["Hccd", 2, true],
    ]);
  });
});

describe("the name of a copy", () => {
  it("is plain, whatever the title and the name are", () => {
    expect(fileName("Weekly: Q3/Q4", "Ada Lovelace", "camera")).toBe(
      "Weekly-Q3-Q4_Ada-Lovelace_camera.webm",
    );
    expect(fileName("../..", "\u202egnp.exe", "screen-audio")).toBe("gnp-exe_screen-audio.webm");
    expect(fileName("x".repeat(500), "名前", "camera")).toHaveLength(60 + 1 + 2 + 1 + 6 + 5);
  });
});

import { beforeAll, describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import type { Download } from "../../src/api/export-types";
import { type Bytes, concat, decode, encode, equal } from "../../src/crypto/bytes";
import { SealError, SignatureError } from "../../src/crypto/errors";
import { random, type Signer, signer, xwingPublic } from "../../src/crypto/suite";
import { CHUNK_BYTES, openChunk } from "../../src/download/chunk";
import {
  DownloadFailed,
  type DownloadRoutes,
  fetchDataSet,
  type Progress,
} from "../../src/download/fetch";
import { RowOfParts } from "../../src/download/parts";
import type { Sink } from "../../src/watching/copy";
import { pieceOf, sealChunk } from "../download-sealing";

const TAR = new Uint8Array(2 * CHUNK_BYTES + 70_000).map((_, at) => (at * 7 + (at >> 13)) & 255);
const DATA_SET = random(16);
let vault: Signer;

beforeAll(async () => {
  vault = await signer(random(32));
});

class Memory implements Sink {
  parts: Bytes[] = [];
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
    if (this.end === "open") this.end = "aborted";
    return Promise.resolve();
  }
}

/** A server with its worker: seals what is asked for, one chunk ahead. */
class Served implements DownloadRoutes {
  readonly id = random(16);
  readonly asked: string[] = [];
  state: Download["state"] = "running";
  error: string | null = null;
  sealed = 1;
  taken = 0;
  key: Bytes = new Uint8Array();
  /** Called before each request; whoever throws loses it. */
  before: (what: string) => void = () => undefined;
  /** Called after each was carried out; whoever throws loses the answer. */
  after: (what: string) => void = () => undefined;
  change: (object: Bytes, number: number) => Bytes | Promise<Bytes> = (object) => object;

  async #answer<Found>(what: string, found: () => Found | Promise<Found>): Promise<Found> {
    this.asked.push(what);
    this.before(what);
    const answer = await found();
    this.after(what);
    return answer;
  }

  #told(): { download: Download } {
    return {
      download: {
        id: encode(this.id),
        export: encode(DATA_SET),
        state: this.state,
        requested_at: 1,
        requested_by: null,
        approved_at: null,
        approved_by: null,
        lapses_at: 2,
        bytes: TAR.length,
        chunks: 3,
        sealed: this.sealed,
        taken: this.taken,
        error: this.error,
      },
    };
  }

  askForDownload(_: string, key: string) {
    return this.#answer("ask", () => {
      this.key = decode(key);
      return this.#told();
    });
  }

  download() {
    return this.#answer("standing", () => {
      if (this.sealed < 3 && this.sealed === this.taken) this.sealed += 1;
      return this.#told();
    });
  }

  chunk(_: string, number: number) {
    return this.#answer(`chunk ${number}`, async () => {
      const place = { download: this.id, dataSet: DATA_SET, number, total: TAR.length };
      return this.change(await sealChunk(place, pieceOf(TAR, number), this.key, vault), number);
    });
  }

  chunkTaken(_: string, number: number) {
    return this.#answer(`taken ${number}`, () => {
      this.taken = Math.max(this.taken, number + 1);
      if (this.taken === 3) this.state = "done";
      return this.#told();
    });
  }

  cancelDownload() {
    return this.#answer("cancel", () => ({}));
  }
}

async function run(
  served: Served,
  sink: Sink = new Memory(),
  stop = new AbortController(),
): Promise<Progress[]> {
  const seen: Progress[] = [];
  const report = (now: Progress): void => {
    seen.push(now);
  };
  const nothing = (): Promise<void> => Promise.resolve();
  const id = encode(DATA_SET);
  await fetchDataSet(served, id, vault.publicKey, sink, report, stop.signal, nothing);
  return seen;
}

describe("a data set", () => {
  it("arrives whole, chunk after chunk, each acknowledged when it is written", async () => {
    const served = new Served();
    const sink = new Memory();
    const seen = await run(served, sink);
    expect(equal(concat(...sink.parts), TAR)).toBe(true);
    expect(sink.end).toBe("closed");
    expect(served.asked.filter((what) => what !== "standing")).toEqual(
      ["ask", "chunk 0", "taken 0", "chunk 1", "taken 1", "chunk 2", "taken 2"], // in a row
    );
    expect(seen.at(-1)?.bytes).toBe(TAR.length);
    expect(seen.every(({ away }) => !away)).toBe(true);
  });

  it("goes on after the line was lost anywhere, and has nothing twice", async () => {
    const served = new Served();
    const sink = new Memory();
    const lost = new Set<string>();
    const lose = (when: string) => (what: string) => {
      if (what === "ask" || lost.has(when + what)) return;
      lost.add(when + what);
      throw new Refused("unreachable");
    };
    served.before = lose("before ");
    served.after = lose("after ");
    const seen = await run(served, sink);
    expect(lost.size).toBeGreaterThan(12);
    expect(equal(concat(...sink.parts), TAR)).toBe(true);
    expect(seen.some(({ away }) => away)).toBe(true);
  });

  it("waits for whoever has to approve it", async () => {
    const served = new Served();
    served.state = "proposed";
    served.sealed = 0;
    let asked = 0;
    served.before = (what) => {
      if (what === "standing" && ++asked === 3) served.state = "running";
    };
    const seen = await run(served);
    expect(seen[0]?.download.state).toBe("proposed");
  });

  it.each([
    ["failed", "data-set-recalled"],
    ["lapsed", null],
    ["declined", null],
  ] as const)("that has %s says why, and leaves nothing", async (state, code) => {
    const served = new Served();
    const sink = new Memory();
    served.before = (what) => {
      if (what !== "taken 0") return;
      served.state = state;
      served.error = code;
      throw new Refused("download-over");
    };
    const failure = run(served, sink);
    await expect(failure).rejects.toBeInstanceOf(DownloadFailed);
    await expect(failure).rejects.toMatchObject({ state, code });
    expect(sink.end).toBe("aborted");
  });

  it("is cancelled, here and on the server", async () => {
    const served = new Served();
    const sink = new Memory();
    const stop = new AbortController();
    served.after = (what) => {
      if (what === "chunk 1") stop.abort();
    };
    await expect(run(served, sink, stop)).rejects.toMatchObject({ name: "AbortError" });
    expect(sink.end).toBe("aborted");
    expect(sink.parts).toHaveLength(1);
    expect(served.asked.at(-1)).toBe("cancel");
  });

  it("is not acknowledged where the disk does not take it", async () => {
    const served = new Served();
    const sink = new Memory();
    sink.close = () => Promise.reject(new Error("full"));
    await expect(run(served, sink)).rejects.toThrow("full");
    expect(served.asked).not.toContain("taken 2");
  });

  it("is whole once it is on the disk, whatever becomes of the last answer", async () => {
    const served = new Served();
    const sink = new Memory();
    served.before = (what) => {
      if (what === "taken 2") throw new Refused("not-signed-in");
    };
    await run(served, sink);
    expect(sink.end).toBe("closed");
  });
});

describe("a chunk", () => {
  const cases: [string, (served: Served) => Served["change"]][] = [
    ["with a changed byte", () => (object) => object.with(-1, (object.at(-1) ?? 0) ^ 1)],
    ["that is cut off", () => (object) => object.slice(0, -1)],
    ["of nothing", () => () => new Uint8Array()],
    [
      "of another number",
      (served) => () =>
        sealChunk(
          { download: served.id, dataSet: DATA_SET, number: 1, total: TAR.length },
          pieceOf(TAR, 1),
          served.key,
          vault,
        ),
    ],
    [
      "of another data set",
      (served) => (_, number) =>
        sealChunk(
          { download: served.id, dataSet: random(16), number, total: TAR.length },
          pieceOf(TAR, number),
          served.key,
          vault,
        ),
    ],
    [
      "that says that it is the last",
      (served) => (_, number) =>
        sealChunk(
          { download: served.id, dataSet: DATA_SET, number, total: TAR.length },
          pieceOf(TAR, number),
          served.key,
          vault,
          { last: true },
        ),
    ],
    [
      "that somebody else has signed",
      (served) => async (_, number) =>
        sealChunk(
          { download: served.id, dataSet: DATA_SET, number, total: TAR.length },
          pieceOf(TAR, number),
          served.key,
          await signer(random(32)),
        ),
    ],
  ];

  it.each(cases)("%s is an error, and nothing of it is kept", async (_, change) => {
    const served = new Served();
    const sink = new Memory();
    served.change = change(served);
    await expect(run(served, sink)).rejects.toThrow();
    expect(sink.parts).toEqual([]);
    expect(sink.end).toBe("aborted");
    expect(served.asked.at(-1)).toBe("cancel");
  });

  it("of another length of the whole than before is an error", async () => {
    const served = new Served();
    served.change = (object, number) =>
      number === 0
        ? object
        : sealChunk(
            { download: served.id, dataSet: DATA_SET, number, total: CHUNK_BYTES + 5 },
            TAR.slice(0, 5),
            served.key,
            vault,
          );
    await expect(run(served)).rejects.toBeInstanceOf(SealError);
  });

  it("opens with the key it is sealed to alone", async () => {
    const secret = random(32);
    const place = { download: random(16), dataSet: DATA_SET, number: 0, total: 3 };
    const content = Uint8Array.of(1, 2, 3);
    const object = await sealChunk(place, content, await xwingPublic(secret), vault);
    const expected = {
      download: encode(place.download),
      dataSet: encode(DATA_SET),
      number: 0,
      total: null,
      identity: vault.publicKey,
    };
    await expect(openChunk(object, secret, expected)).resolves.toEqual({
      data: content,
      last: true,
      total: 3,
    });
    await expect(openChunk(object, random(32), expected)).rejects.toBeInstanceOf(SealError);
    const other = { ...expected, identity: (await signer(random(32))).publicKey };
    await expect(openChunk(object, secret, other)).rejects.toBeInstanceOf(SignatureError);
  });
});

describe("where nothing can be written as it comes", () => {
  it("files of a bounded size are all of it, one behind the other", async () => {
    const saved: [Blob, number, boolean][] = [];
    const sink = new RowOfParts((...one) => saved.push(one), 5);
    for (const size of [3, 2, 1, 5, 1]) await sink.write(new Uint8Array(size).fill(size));
    await sink.close();
    expect(saved.map(([blob, number, alone]) => [blob.size, number, alone])).toEqual([
      [5, 1, false],
      [1, 2, false],
      [5, 3, false],
      [1, 4, false],
    ]);
    const alone: boolean[] = [];
    const small = new RowOfParts((_, __, one) => alone.push(one));
    await small.write(new Uint8Array(3));
    await small.close();
    expect(alone).toEqual([true]);
  });
});

import { describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import type { Outline, WatchedEpoch, WatchPart } from "../../src/api/types";
import { concat, decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { FormatError } from "../../src/crypto/errors";
import { deriveKeys } from "../../src/crypto/keys";
import { Archive, Destroyed, type Routes } from "../../src/watching/archive";
import { vectors } from "../vectors";

const { segments: given } = vectors("watching") as {
  segments: {
    charter: string;
    header: string;
    later_header: string;
    seed: string;
    box: string;
    closing: { document: string; signature: string };
    cases: { name: string; object: string; plaintext: string | null }[];
  };
};
const charter = await parseCharter(decode(given.charter));
const keys = await deriveKeys(decode(given.seed), charter.meeting);

function objectOf(name: string): Uint8Array {
  return decode(given.cases.find((one) => one.name === name)?.object ?? "");
}

/** A server of one epoch, which may lie. */
class Server implements Routes {
  sessions = 0;
  epoch: WatchedEpoch = {
    epoch: 1,
    header: given.header,
    box: given.box,
    closing: given.closing,
  };
  body: Uint8Array = new Uint8Array();
  asked: readonly WatchPart[] = [];

  watch(): Promise<Outline> {
    this.sessions += 1;
    return Promise.resolve({ token: `token ${this.sessions}` } as Outline);
  }

  watchEpoch(token: string): Promise<WatchedEpoch> {
    if (token !== `token ${this.sessions}`) return Promise.reject(new Refused("not-watching"));
    return Promise.resolve(this.epoch);
  }

  watchSegments(
    _token: string,
    _epoch: number,
    parts: readonly WatchPart[],
  ): Promise<ReadableStream<Uint8Array>> {
    this.asked = parts;
    return Promise.resolve(new Blob([this.body as Uint8Array<ArrayBuffer>]).stream());
  }
}

function row(...objects: Uint8Array[]): Uint8Array {
  return concat(
    ...objects.flatMap((one) => [Uint8Array.of(0, 0, one.length >> 8, one.length & 255), one]),
  );
}

async function archive(server: Server): Promise<Archive> {
  return Archive.open(keys, charter, server, () => 1_750_000_000_000);
}

async function fetched(server: Server): Promise<(string | null)[]> {
  const opened = await archive(server);
  const epoch = await opened.epoch(1);
  const track = [...epoch.tracks.values()].find((one) => one.source === "microphone");
  if (track === undefined) throw new Error("it has a microphone");
  const found: (string | null)[] = [];
  const stop = new AbortController().signal;
  for await (const one of opened.segments(epoch, [{ track, first: 0, last: 1 }], stop)) {
    found.push(one.data === null ? one.why : encode(one.data));
  }
  return found;
}

describe("an archive", () => {
  it("opens what was sealed for this person", async () => {
    const server = new Server();
    server.body = row(objectOf("microphone 0"), objectOf("microphone 1"));
    const expected = ["microphone 0", "microphone 1"].map(
      (name) => given.cases.find((one) => one.name === name)?.plaintext,
    );
    expect(await fetched(server)).toEqual(expected);
    expect(server.asked.map(({ first, last }) => [first, last])).toEqual([[0, 1]]);
  });

  it("tells what is gone from what was changed", async () => {
    const server = new Server();
    server.body = row(new Uint8Array(), objectOf("another track's"));
    expect(await fetched(server)).toEqual(["gone", "damaged"]);
  });

  it("does not take a row that is cut off for the end", async () => {
    const server = new Server();
    server.body = row(objectOf("microphone 0"));
    await expect(fetched(server)).rejects.toThrow(Refused);
  });

  it("opens another session where one has ended", async () => {
    const server = new Server();
    const opened = await archive(server);
    server.sessions += 1; // the server has forgotten the first
    expect((await opened.epoch(1)).number).toBe(1);
    expect(server.sessions).toBe(3);
  });

  it("believes no header of another epoch, meeting or chain", async () => {
    const server = new Server();
    server.epoch = { ...server.epoch, header: given.later_header };
    const opened = await archive(server);
    await expect(opened.epoch(1)).rejects.toThrow(FormatError);
    // The second names the first as the one before it; a first that was changed it does not.
    expect((await opened.header(2)).epoch).toBe(2);
    const changed = new TextDecoder()
      .decode(decode(given.header))
      .replace('"offset":0', '"offset":1');
    server.epoch = { ...server.epoch, header: encode(new TextEncoder().encode(changed)) };
    await expect(opened.header(1)).rejects.toThrow(/previous/);
  });

  it("knows a recording that was destroyed, and one that is not over", async () => {
    const server = new Server();
    server.epoch = { ...server.epoch, box: null };
    const opened = await archive(server);
    await expect(opened.epoch(1)).rejects.toThrow(Destroyed);
    server.epoch = { ...server.epoch, box: given.box, closing: null };
    await expect(opened.epoch(1)).rejects.toThrow(/closing/);
    // What failed is asked for again, once it may be otherwise.
    server.epoch = { ...server.epoch, closing: given.closing };
    expect((await opened.epoch(1)).closing.tracks).toHaveLength(2);
  });
});

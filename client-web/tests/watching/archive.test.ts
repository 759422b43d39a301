import { describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import type { Outline, WatchedGeneration, WatchPart } from "../../src/api/types";
import { concat, decode, encode, utf8 } from "../../src/crypto/bytes";
import type { Charter } from "../../src/crypto/charter";
import { FormatError } from "../../src/crypto/errors";
import { deriveKeys, type PersonKeys } from "../../src/crypto/keys";
import { parseBoxes, parseOuter } from "../../src/e2ee/boxes";
import { parseGeneration } from "../../src/e2ee/generation-header";
import { Archive, Destroyed, type Fetched, type Routes } from "../../src/watching/archive";
import type { Entry } from "../../src/watching/closing";
import { vectors } from "../vectors";

interface Stored {
  object: string;
  entry: Omit<Entry, "digest"> & { digest: string };
}

const given = vectors("relayed") as {
  header: string;
  signature: string;
  server: string;
  boxes: string;
  outer: string;
  watching: { person: string; private: string; pair_box: string };
  tracks: { name: string; track: string; segments: Stored[] }[];
  places: {
    later: { document: string; signature: string };
    other: { document: string; signature: string };
    closing: { document: string; signature: string };
    cases: (Stored & { name: string; plaintext: string | null })[];
  };
};
const header = await parseGeneration(decode(given.header));
const charter = {
  meeting: header.meeting,
  digest: header.charter,
  server: decode(given.server),
} as Charter;
const { watching } = given;
// What signs the request is anybody's here: no server asks.
const keys: PersonKeys = {
  ...(await deriveKeys(new Uint8Array(32), header.meeting)),
  person: decode(watching.person),
  watchSecret: decode(watching.private),
};
const secret = (await parseBoxes(decode(given.boxes), header)).watch.get(watching.person);
const outer = parseOuter(decode(given.outer), header).watch.get(watching.person);
if (secret === undefined || outer === undefined) throw new Error("it has boxes");
const { closing, later, other } = given.places;

function objectOf(name: string): Uint8Array {
  return decode(given.places.cases.find((one) => one.name === name)?.object ?? "");
}

/** A server of one generation, which may lie. */
class Server implements Routes {
  sessions = 0;
  generation: WatchedGeneration = {
    number: 1,
    header: given.header,
    signature: given.signature,
    pair: watching.pair_box,
    secret: encode(secret as Uint8Array<ArrayBuffer>),
    outer: encode(outer as Uint8Array<ArrayBuffer>),
    closing,
  };
  body: Uint8Array = new Uint8Array();
  asked: readonly WatchPart[] = [];

  watch(): Promise<Outline> {
    this.sessions += 1;
    return Promise.resolve({ token: `token ${this.sessions}` } as Outline);
  }

  watchGeneration(token: string): Promise<WatchedGeneration> {
    if (token !== `token ${this.sessions}`) return Promise.reject(new Refused("not-watching"));
    return Promise.resolve(this.generation);
  }

  watchSegments(
    _token: string,
    _number: number,
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

/** What comes of the first two segments of the microphone, as the closing lists it or `entries` do. */
async function fetched(server: Server, entries?: readonly Entry[]): Promise<Fetched[]> {
  const opened = await archive(server);
  const generation = await opened.generation(1);
  const listed = [...generation.tracks.values()].find((one) => one.source === "microphone");
  if (listed === undefined) throw new Error("it has a microphone");
  const track = { ...listed, entries: entries ?? listed.entries };
  const found: Fetched[] = [];
  const stop = new AbortController().signal;
  for await (const one of opened.segments(generation, [{ track, first: 0, last: 1 }], stop)) {
    found.push(one);
  }
  return found;
}

const said = (one: Fetched): string => (one.data === null ? one.why : encode(one.data));

/** The first two segments of a track that the recorder has stored, and their entries. */
function stored(name: string): { objects: Uint8Array[]; entries: Entry[] } {
  const segments = given.tracks.find((one) => one.name === name)?.segments.slice(0, 2) ?? [];
  return {
    objects: segments.map(({ object }) => decode(object)),
    entries: segments.map(({ entry }) => ({ ...entry, digest: decode(entry.digest) })),
  };
}

describe("an archive", () => {
  it("opens what was sealed for this person", async () => {
    const server = new Server();
    const { entries, objects } = stored("sound");
    server.body = row(...objects);
    const [head, sound] = await fetched(server, entries);
    expect(head !== undefined && said(head)).toBe(encode(utf8("a WebM header")));
    expect(sound?.data !== null && sound?.whole).toBe(true);
    expect(server.asked.map(({ first, last }) => [first, last])).toEqual([[0, 1]]);
  });

  it("tells where frames are left out, and where nothing is left", async () => {
    const server = new Server();
    const one = stored("one bit");
    server.body = row(...one.objects);
    const [, partly] = await fetched(server, one.entries);
    expect(partly?.data !== null && partly?.whole).toBe(false);
    const none = stored("nothing that opens");
    server.body = row(...none.objects);
    const [, nothing] = await fetched(server, none.entries);
    expect(nothing !== undefined && said(nothing)).toBe("damaged");
  });

  it("tells what is gone from what was changed", async () => {
    const server = new Server();
    server.body = row(new Uint8Array(), objectOf("another track's"));
    expect((await fetched(server)).map(said)).toEqual(["gone", "damaged"]);
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
    expect((await opened.generation(1)).number).toBe(1);
    expect(server.sessions).toBe(3);
  });

  it("believes no header of another generation or meeting, or that nobody has signed", async () => {
    const server = new Server();
    const honest = server.generation;
    server.generation = { ...honest, header: later.document, signature: later.signature };
    await expect((await archive(server)).generation(1)).rejects.toThrow(/number/);
    server.generation = { ...honest, signature: later.signature };
    await expect((await archive(server)).generation(1)).rejects.toThrow(/signed/);
    server.generation = honest;
    const elsewhere = { ...charter, digest: new Uint8Array(32) };
    const opened = await Archive.open(keys, elsewhere, server, () => 0);
    await expect(opened.generation(1)).rejects.toThrow(FormatError);
  });

  it("believes no header that is not the one before the next", async () => {
    const server = new Server();
    const honest = server.generation;
    const opened = await archive(server);
    server.generation = { ...honest, header: later.document, signature: later.signature };
    expect((await opened.header(2)).recorded.number).toBe(2);
    // The second names the first as the one before it; a first that was changed it does not.
    server.generation = { ...honest, header: other.document, signature: other.signature };
    await expect(opened.header(1)).rejects.toThrow(/previous/);
    server.generation = honest;
    expect((await opened.header(1)).recorded.number).toBe(1);
  });

  it("knows a recording that was destroyed, and one that is not over", async () => {
    const server = new Server();
    const honest = server.generation;
    server.generation = { ...honest, pair: null, secret: null, outer: null };
    const opened = await archive(server);
    await expect(opened.generation(1)).rejects.toThrow(Destroyed);
    server.generation = { ...honest, closing: null };
    await expect(opened.generation(1)).rejects.toThrow(/closing/);
    // What failed is asked for again, once it may be otherwise.
    server.generation = honest;
    expect((await opened.generation(1)).closing.tracks).toHaveLength(2);
  });
});

// A recording as its people get it: fetched as ciphertext, checked and opened here.
//
// Nothing of it is believed before it was checked: the header against the charter that this person
// enrolled under and the server's key, their own boxes against the header, the closing against the
// server's key, every object against the closing, every frame in it under its sender's key. What does
// not fit is an error, never shown.

import { Refused } from "../api/errors";
import type { Outline, WatchedGeneration, WatchPart } from "../api/types";
import { type Bytes, decode, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { CryptoError, FormatError } from "../crypto/errors";
import type { PersonKeys } from "../crypto/keys";
import { makeReceiptRequest } from "../crypto/statement";
import { type RecordedHeader, readRecordedHeader } from "../e2ee/recorded-header";
import type { ClosedTrack, Closing, Entry } from "./closing";
import { verifyGenerationClosing } from "./generation-closing";
import { checkWatcher, GenerationKeys, type OwnBoxes } from "./generation-keys";
import { readRecords } from "./records";

/** The routes of PROTOCOL.md, section 2. */
export interface Routes {
  watch(document: string, signature: string): Promise<Outline>;
  watchGeneration(token: string, number: number, closing: boolean): Promise<WatchedGeneration>;
  watchSegments(
    token: string,
    number: number,
    parts: readonly WatchPart[],
    stop: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>;
}

/** a generation that has been checked and can be opened. */
export interface OpenedGeneration {
  readonly number: number;
  readonly header: RecordedHeader;
  readonly keys: GenerationKeys;
  readonly closing: Closing;
  readonly tracks: ReadonlyMap<string, ClosedTrack>;
  /** Meeting time of the first and the last of it. */
  readonly start: number;
  readonly end: number;
}

/** A stretch of a track: segments in a row. */
export interface Part {
  readonly track: ClosedTrack;
  readonly first: number;
  readonly last: number;
}

/** A segment that was asked for: its plaintext, or why there is none. */
export type Fetched =
  | {
      readonly entry: Entry;
      readonly track: ClosedTrack;
      readonly data: Bytes;
      /** False: some of its frames are not what was recorded, and are left out. */
      readonly whole: boolean;
    }
  | { readonly entry: Entry; readonly track: ClosedTrack; readonly data: null; readonly why: Lack };
export type Lack = "gone" | "damaged";

/** There is no key any more: the recording was destroyed. */
export class Destroyed extends Error {
  override readonly name = "Destroyed";
}

// Segments that are decrypted while the next ones arrive.
const AT_ONCE = 8;

export class Archive {
  readonly #keys: PersonKeys;
  readonly #charter: Charter;
  readonly #routes: Routes;
  readonly #now: () => number;
  readonly #headers = new Map<number, RecordedHeader>();
  readonly #generations = new Map<number, Promise<OpenedGeneration>>();
  #outline: Outline;

  private constructor(
    keys: PersonKeys,
    charter: Charter,
    routes: Routes,
    now: () => number,
    outline: Outline,
  ) {
    this.#keys = keys;
    this.#charter = charter;
    this.#routes = routes;
    this.#now = now;
    this.#outline = outline;
  }

  static async open(
    keys: PersonKeys,
    charter: Charter,
    routes: Routes,
    now: () => number,
  ): Promise<Archive> {
    return new Archive(keys, charter, routes, now, await begin(keys, routes, now));
  }

  get outline(): Outline {
    return this.#outline;
  }

  /** Ask again what there is: a meeting goes on, or something was deleted. */
  async refresh(): Promise<Outline> {
    this.#outline = await begin(this.#keys, this.#routes, this.#now);
    return this.#outline;
  }

  /** The header of a generation, checked; without what is needed to open it. */
  async header(number: number): Promise<RecordedHeader> {
    const known = this.#headers.get(number);
    if (known !== undefined) return known;
    const found = await this.#session((token) =>
      this.#routes.watchGeneration(token, number, false),
    );
    return this.#checkHeader(number, found);
  }

  /** a generation that is over, with its key; fetched and opened once. */
  generation(number: number): Promise<OpenedGeneration> {
    let opened = this.#generations.get(number);
    if (opened === undefined) {
      opened = this.#open(number);
      this.#generations.set(number, opened);
      opened.catch(() => this.#generations.delete(number));
    }
    return opened;
  }

  async #open(number: number): Promise<OpenedGeneration> {
    const found = await this.#session((token) => this.#routes.watchGeneration(token, number, true));
    const boxes = boxesOf(found);
    if (boxes === null) throw new Destroyed("the recording was destroyed");
    const header = await this.#checkHeader(number, found);
    if (found.closing === null) throw new FormatError("closing", "is not there yet");
    const [closing, keys] = await Promise.all([
      verifyGenerationClosing(
        decode(found.closing.document),
        decode(found.closing.signature),
        this.#charter.server,
        header,
        null,
      ),
      GenerationKeys.open(header, boxes, this.#keys),
    ]);
    const entries = closing.tracks.flatMap((track) => track.entries);
    return {
      number,
      header,
      keys,
      closing,
      tracks: new Map(closing.tracks.map((track) => [track.name, track])),
      start: entries.reduce((least, one) => Math.min(least, one.start), Infinity),
      end: entries.reduce((most, one) => Math.max(most, one.end), 0),
    };
  }

  async #checkHeader(number: number, found: WatchedGeneration): Promise<RecordedHeader> {
    const header = await readRecordedHeader(
      decode(found.header),
      decode(found.signature),
      this.#charter.server,
    );
    if (header === null) throw new FormatError("header", "is none that the server has signed");
    if (header.recorded.number !== number) throw new FormatError("number", "is another one");
    checkWatcher(header, this.#charter, this.#keys);
    // Each names the one before it; who was away in between has not got that one.
    for (const [left, right] of [
      [this.#headers.get(number - 1), header],
      [header, this.#headers.get(number + 1)],
    ]) {
      if (left === undefined || right === undefined) continue;
      const { previous } = right.recorded;
      if (previous === null || !equal(previous, left.digest)) {
        throw new FormatError("previous", "is another header");
      }
    }
    this.#headers.set(number, header);
    return header;
  }

  /** Fetch parts of a generation's tracks, and open them; yields them in order. */
  async *segments(
    generation: OpenedGeneration,
    parts: readonly Part[],
    stop: AbortSignal,
  ): AsyncGenerator<Fetched, void> {
    const wanted = parts.map(({ first, last, track }) => ({ track: track.name, first, last }));
    const stream = await this.#session((token) =>
      this.#routes.watchSegments(token, generation.number, wanted, stop),
    );
    const records = readRecords(stream);
    const opening: Promise<Fetched>[] = [];
    try {
      for (const { first, last, track } of parts) {
        for (const entry of track.entries.slice(first, last + 1)) {
          const record = await records.next();
          if (record.done === true) throw new Refused("unreachable");
          opening.push(open(generation, track, entry, record.value));
          const next = opening.length >= AT_ONCE ? opening.shift() : undefined;
          if (next !== undefined) yield await next;
        }
      }
      for (let next = opening.shift(); next !== undefined; next = opening.shift()) {
        yield await next;
      }
    } finally {
      await records.return();
    }
  }

  /** Do something with the session's token; opens another session where this one has ended. */
  async #session<Found>(work: (token: string) => Promise<Found>): Promise<Found> {
    try {
      return await work(this.#outline.token);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "not-watching") throw error;
      return work((await this.refresh()).token);
    }
  }
}

async function begin(keys: PersonKeys, routes: Routes, now: () => number): Promise<Outline> {
  const request = await makeReceiptRequest(keys, now());
  return routes.watch(encode(request.body), encode(request.signature));
}

/** One's own boxes; null where there are none any more. */
function boxesOf({ outer, pair, secret }: WatchedGeneration): OwnBoxes | null {
  if (pair === null || secret === null || outer === null) return null;
  return { pair: decode(pair), secret: decode(secret), outer: decode(outer) };
}

async function open(
  generation: OpenedGeneration,
  track: ClosedTrack,
  entry: Entry,
  object: Bytes | null,
): Promise<Fetched> {
  if (object === null) return { entry, track, data: null, why: "gone" };
  try {
    const { data, whole } = await generation.keys.track(track.name).open(object, entry);
    // Where nothing of it is what was recorded, there is nothing of it.
    if (data.length === 0) return { entry, track, data: null, why: "damaged" };
    return { entry, track, data, whole };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { entry, track, data: null, why: "damaged" };
  }
}

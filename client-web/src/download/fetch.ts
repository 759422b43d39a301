// Fetches a data set: a key is drawn here, the vault seals to it, and what comes is opened, checked
// and written down chunk by chunk. The key is in this function alone, so that a page that was
// reloaded begins anew; a line that was lost is waited for, as long as the download lives.

import { Refused } from "../api/errors";
import type { Download } from "../api/export-types";
import { type Bytes, encode } from "../crypto/bytes";
import { random, SEED_BYTES, xwingPublic } from "../crypto/suite";
import { Backoff } from "../signalling/backoff";
import type { Sink } from "../watching/copy";
import { openChunk } from "./chunk";

/** The routes of PROTOCOL.md, section 2. */
export interface DownloadRoutes {
  askForDownload(dataSet: string, key: string): Promise<{ download: Download }>;
  download(id: string): Promise<{ download: Download }>;
  chunk(id: string, number: number, stop: AbortSignal): Promise<Bytes>;
  chunkTaken(id: string, number: number): Promise<{ download: Download }>;
  cancelDownload(id: string): Promise<unknown>;
}

/** How far it has come; `away` while the server cannot be reached. */
export interface Progress {
  readonly download: Download;
  readonly bytes: number;
  readonly away: boolean;
}

/** It has ended before its end; `code` is why, null where its time was over or somebody ended it. */
export class DownloadFailed extends Error {
  override readonly name = "DownloadFailed";
  readonly state: Download["state"];
  readonly code: string | null;

  constructor({ error, state }: Download) {
    super(error ?? state);
    this.state = state;
    this.code = error;
  }
}

const WAIT_MS = 500;
const MOST_WAIT_MS = 5000;
/** What passes by itself. */
const PASSING: ReadonlySet<string> = new Set([
  "unreachable",
  "not-understood",
  "rate-limited",
  "storage-unavailable",
  "database-unavailable",
  "internal",
]);

export type Wait = (milliseconds: number, stop: AbortSignal) => Promise<void>;

/** Fetch the data set of an export into `sink`, which is closed when all of it is there. */
export async function fetchDataSet(
  routes: DownloadRoutes,
  dataSet: string,
  identity: Bytes,
  sink: Sink,
  report: (progress: Progress) => void,
  stop: AbortSignal,
  wait: Wait = pause,
): Promise<void> {
  const secret = random(SEED_BYTES);
  let download: Download | null = null;
  try {
    const key = encode(await xwingPublic(secret));
    ({ download } = await routes.askForDownload(dataSet, key));
    const means = { routes, secret, identity, sink, report, stop, wait };
    await new Fetching(download, means).run();
  } catch (error) {
    await sink.abort();
    if (download !== null && !(error instanceof DownloadFailed)) {
      // Its time ends it as well.
      await routes.cancelDownload(download.id).catch(() => undefined);
    }
    throw error;
  } finally {
    secret.fill(0);
  }
}

interface Means {
  readonly routes: DownloadRoutes;
  readonly secret: Bytes;
  readonly identity: Bytes;
  readonly sink: Sink;
  readonly report: (progress: Progress) => void;
  readonly stop: AbortSignal;
  readonly wait: Wait;
}

class Fetching {
  readonly #means: Means;
  readonly #backoff = new Backoff(Math.random, MOST_WAIT_MS);
  #download: Download;
  #bytes = 0;

  constructor(download: Download, means: Means) {
    this.#download = download;
    this.#means = means;
  }

  async run(): Promise<void> {
    let total: number | null = null;
    for (let number = 0, over = false; !over; number += 1) {
      await this.#sealed(number);
      const object = await this.#patiently(() =>
        this.#means.routes.chunk(this.#download.id, number, this.#means.stop),
      );
      const opened = await openChunk(object, this.#means.secret, {
        download: this.#download.id,
        dataSet: this.#download.export,
        number,
        total,
        identity: this.#means.identity,
      });
      this.#means.stop.throwIfAborted();
      await this.#means.sink.write(opened.data);
      total = opened.total;
      over = opened.last;
      // Only what is on the disk was fetched, whatever becomes of the line.
      if (over) await this.#means.sink.close();
      this.#bytes += opened.data.length;
      await this.#take(number, over);
      this.#tell(false);
    }
  }

  /** Say that a chunk is written down. Of the last nothing hangs on the answer. */
  async #take(number: number, over: boolean): Promise<void> {
    try {
      ({ download: this.#download } = await this.#patiently(() =>
        this.#means.routes.chunkTaken(this.#download.id, number),
      ));
    } catch (error) {
      if (!over || !(error instanceof Refused || error instanceof DownloadFailed)) throw error;
    }
  }

  /** Wait until a chunk is there to be fetched. */
  async #sealed(number: number): Promise<void> {
    for (;;) {
      this.#tell(false);
      if (!OPEN.has(this.#download.state)) throw new DownloadFailed(this.#download);
      if (number < this.#download.sealed) return;
      await this.#means.wait(WAIT_MS, this.#means.stop);
      ({ download: this.#download } = await this.#patiently(() =>
        this.#means.routes.download(this.#download.id),
      ));
    }
  }

  /** Do something until the server answers; rejects where it refuses for good. */
  async #patiently<Found>(work: () => Promise<Found>): Promise<Found> {
    for (;;) {
      this.#means.stop.throwIfAborted();
      try {
        const found = await work();
        this.#backoff.reset();
        return found;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === "download-over") throw await this.#why(error);
        if (!PASSING.has(error.code)) throw error;
        this.#tell(true);
        await this.#means.wait(this.#backoff.next(), this.#means.stop);
      }
    }
  }

  async #why(error: Refused): Promise<Error> {
    try {
      const { download } = await this.#means.routes.download(this.#download.id);
      return OPEN.has(download.state) ? error : new DownloadFailed(download);
    } catch {
      return error;
    }
  }

  #tell(away: boolean): void {
    this.#means.report({ download: this.#download, bytes: this.#bytes, away });
  }
}

const OPEN: ReadonlySet<string> = new Set(["proposed", "requested", "running"]);

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    const end = (): void => {
      clearTimeout(timer);
      reject(stop.reason as Error);
    };
    stop.addEventListener("abort", end, { once: true });
  });
}

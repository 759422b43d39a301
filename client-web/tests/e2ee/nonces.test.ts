// No key with one nonce twice: pages that are reloaded, workers that die, tracks that are replaced, layers,
// transforms of one source, generations and slots, in whatever order.

import { describe, expect, it } from "vitest";

import { encode } from "../../src/crypto/bytes";
import { parseFrame } from "../../src/e2ee/frame-cipher";
import type { FrameSender } from "../../src/e2ee/frame-sender";
import { StreamBook } from "../../src/e2ee/stream-book";
import type { Source } from "../../src/signalling/tracks";
import { ADA, bytes, Clock, encoded, End, keysOf, picture } from "./frame-scene";
import { numbers } from "./numbers";

const SOURCES: readonly Source[] = ["camera", "screen"];

interface Transform {
  readonly sender: FrameSender;
  readonly source: Source;
}

/** A person's browser: a page with a book, a worker with a ring, and transforms. */
class Browser {
  readonly used = new Set<string>();
  frames = 0;
  page = 10;
  #clock = new Clock();
  #generation = 1;
  #recorded = false;
  #book = new StreamBook();
  #end = new End(this.#clock);
  #transforms: Transform[] = [];
  readonly #next: (below: number) => number;

  constructor(seed: number) {
    this.#next = numbers(seed);
    this.#enter();
  }

  async step(): Promise<void> {
    switch (this.#next(12)) {
      case 0:
        this.#reload();
        return;
      case 1:
        this.#restartWorker();
        return;
      case 2:
        this.#begin();
        return;
      case 3:
        this.#add();
        return;
      case 4:
        this.#transforms.splice(this.#next(this.#transforms.length + 1), 1);
        return;
      case 5:
        this.#clock.now += this.#next(3_000);
        return;
      default:
        await this.#send();
    }
  }

  /** Several frames of several transforms and layers at once. */
  async #send(): Promise<void> {
    const some = this.#transforms.map(async ({ sender, source }) => {
      for (let at = 0; at < 3; at += 1) {
        const layer = this.#next(3);
        const sealed = await sender.seal(encoded(picture("a"), "vp8", { layer }));
        if (sealed === null) continue;
        const { number } = parseFrame("vp8", sealed);
        const { generation, slot, stream } = number.key;
        const name = [generation, this.page, source, slot, stream, number.layer, number.count];
        if (this.used.has(name.join(" "))) throw new Error(`${name.join(" ")} twice`);
        this.used.add(name.join(" "));
        this.frames += 1;
      }
    });
    await Promise.all(some);
  }

  /** Another page, with another key; the generation has to name it. */
  #reload(): void {
    this.page += 1;
    this.#book = new StreamBook();
    this.#begin(false);
    this.#restartWorker();
  }

  /** The page lives on, and with it its book; the generation is the same. */
  #restartWorker(): void {
    this.#end = new End(this.#clock);
    this.#transforms = [];
    this.#enter();
    for (let at = 0; at < 2; at += 1) this.#add();
  }

  #begin(enter = true): void {
    this.#generation += 1;
    this.#recorded = this.#next(2) === 0;
    if (!enter) return;
    this.#enter();
    for (const one of this.#transforms) this.#give(one);
  }

  #enter(): void {
    const pages = new Map([[encode(ADA), bytes(this.page)]]);
    this.#end.ring.add(keysOf(this.#generation, { recorded: this.#recorded, pages }));
    this.#end.ring.go(this.#generation);
  }

  #add(): void {
    const source = SOURCES[this.#next(SOURCES.length)] ?? "camera";
    const one = { sender: this.#end.sender(source, bytes(this.page)), source };
    this.#give(one);
    this.#transforms.push(one);
    if (this.#transforms.length > 6) this.#transforms.shift();
  }

  #give({ sender }: Transform): void {
    const stream = this.#book.take(this.#generation);
    if (stream !== null) sender.give(this.#generation, stream);
  }
}

describe("a key and a nonce", () => {
  it.each(Array.from({ length: 8 }, (_, seed) => seed))(
    "are used once, whatever happens (%i)",
    async (seed) => {
      const browser = new Browser(seed);
      for (let at = 0; at < 100; at += 1) await browser.step();
      expect(browser.frames).toBeGreaterThan(60);
    },
  );

  it("come of streams that are used up, and are not begun anew", () => {
    const book = new StreamBook();
    const taken = Array.from({ length: 256 }, () => book.take(7));
    expect(new Set(taken).size).toBe(256);
    expect(book.take(7)).toBeNull();
    for (let generation = 8; generation < 60; generation += 1) {
      expect(book.take(generation)).toBe(0);
    }
    expect(book.take(7)).toBeNull();
  });
});

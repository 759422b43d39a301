// Whether a browser sends past a transform: every order of counts, and what is owed, soon or for ever.

import { describe, expect, it } from "vitest";

import {
  ANSWERS,
  FrameGuard,
  SPARE_FRAMES,
  type Tally,
  UNCOUNTED,
  type Verdict,
} from "../../src/e2ee/frame-guard";
import { numbers } from "./numbers";

const KINDS = [true, false];

/** A browser with a transform: what it has encoded, and what of it went where. */
class Browser {
  readonly guard: FrameGuard;
  readonly #video: boolean;
  readonly #layers: Tally[] = [];
  /** On its way from encoder to transform. */
  #coming = 0;
  #seen = 0;
  #passed = 0;
  /** Bytes of a frame; those of pictures have more around them in packets. */
  readonly #size = 100;

  constructor(video: boolean, layers = 1) {
    this.#video = video;
    this.guard = new FrameGuard(video);
    for (let layer = 0; layer < layers; layer += 1) this.#layers.push({ frames: 0, bytes: 0 });
  }

  /** Encode so many frames, of which the transform gets all; or none, where they go past it. */
  encode(count: number, { past = false, layer = 0 } = {}): void {
    this.#count(layer, count, past ? count : 0);
    if (!past) this.#coming += count;
  }

  /** So many come to the transform, which passes them on, or does not. */
  come(count: number, { passed = true, layer = 0 } = {}): void {
    const came = Math.min(count, this.#coming);
    this.#coming -= came;
    this.#seen += came;
    if (!passed) return;
    this.#passed += came * this.#size;
    this.#count(layer, 0, came);
  }

  /** It makes its streams again, and counts anew. */
  anew(layer = 0): void {
    this.#layers[layer] = { frames: 0, bytes: 0 };
  }

  count(): void {
    this.guard.sent(new Map(this.#layers.map((tally, layer) => [layer, tally])));
  }

  answer(): Verdict {
    return this.guard.seen({ frames: this.#seen, bytes: this.#passed });
  }

  look(): Verdict {
    this.count();
    return this.answer();
  }

  /** Look until it is settled. */
  settle(): Verdict {
    let verdict = this.look();
    for (let more = 0; more < ANSWERS && verdict === "doubtful"; more += 1) verdict = this.look();
    return verdict;
  }

  #count(layer: number, frames: number, sent: number): void {
    const before = this.#layers[layer] ?? { frames: 0, bytes: 0 };
    const size = this.#size + (this.#video ? 9 : 0);
    this.#layers[layer] = {
      frames: before.frames + (this.#video ? frames : 0),
      bytes: before.bytes + sent * size,
    };
  }
}

describe("a guard of frames", () => {
  it.each(KINDS)("has no proof before a frame has come", (video) => {
    const browser = new Browser(video);
    expect(browser.look()).toBe("unproven");
    browser.encode(1);
    browser.count();
    expect(browser.answer()).toBe("unproven");
    browser.come(1, { passed: false });
    expect(browser.look()).toBe("proven");
  });

  it.each(KINDS)("accuses who sends past it from the first frame", (video) => {
    const browser = new Browser(video);
    browser.encode(1, { past: true });
    expect(browser.settle()).toBe("passed-by");
    // Nothing that comes later makes it good.
    browser.encode(50);
    browser.come(50);
    expect(browser.look()).toBe("passed-by");
  });

  it.each(KINDS)("accuses who sends more past it than may be lost", (video) => {
    for (const past of [SPARE_FRAMES + 1, 40, 400]) {
      for (const before of [1, 30, 3_000]) {
        const browser = new Browser(video);
        browser.encode(before);
        browser.come(before);
        expect(browser.settle()).toBe("proven");
        browser.encode(past, { past: true });
        expect(browser.look()).toBe("doubtful");
        expect(browser.settle()).toBe("passed-by");
      }
    }
  });

  it.each(KINDS)("never accuses who sends nothing past it", (video) => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const next = numbers(seed);
      const layers = video ? 3 : 1;
      const browser = new Browser(video, layers);
      let lost = 0;
      for (let step = 0; step < 1_000; step += 1) {
        const layer = next(layers);
        switch (next(9)) {
          case 0:
            browser.count();
            break;
          case 1:
          case 2: {
            // Whatever was encoded comes between two looks; the answer is after it.
            browser.count();
            browser.encode(next(5), { layer });
            browser.come(1_000, { layer });
            const verdict = browser.answer();
            expect(["proven", "unproven"]).toContain(verdict);
            break;
          }
          case 3:
            browser.come(1_000, { layer, passed: next(2) === 0 });
            break;
          case 4:
            // Some pictures are lost on their way, a few in all.
            if (video && lost < SPARE_FRAMES && next(50) === 0) {
              browser.encode(1, { layer });
              browser.come(1_000, { layer });
              lost += 1;
            }
            break;
          case 5:
            if (next(20) === 0) browser.anew(layer);
            break;
          default:
            browser.encode(next(30), { layer });
        }
      }
    }
  });

  it.each(KINDS)("gives what is on its way its time, and no more", (video) => {
    const browser = new Browser(video);
    browser.encode(5);
    browser.come(5);
    expect(browser.look()).toBe("proven");
    // A worker that is behind sees all of it in the end.
    for (let round = 0; round < 50; round += 1) {
      browser.encode(60);
      if (video) expect(browser.look()).toBe("doubtful");
      browser.come(60);
      expect(browser.settle()).toBe("proven");
    }
    browser.encode(SPARE_FRAMES + 1, { past: true });
    for (let answer = 0; answer < ANSWERS; answer += 1) {
      expect(browser.look()).toBe("doubtful");
      // What goes through it as it should meanwhile settles nothing of that.
      browser.encode(SPARE_FRAMES / 2 - 1);
      browser.come(SPARE_FRAMES / 2 - 1);
    }
    expect(browser.settle()).toBe("passed-by");
  });

  it.each(KINDS)("lends nothing to a count that begins anew", (video) => {
    const browser = new Browser(video);
    browser.encode(5_000);
    browser.come(5_000);
    expect(browser.look()).toBe("proven");
    browser.anew();
    expect(browser.look()).toBe("proven");
    browser.encode(SPARE_FRAMES + 1, { past: true });
    expect(browser.settle()).toBe("passed-by");
  });

  it("lets no layer be hidden behind another", () => {
    const browser = new Browser(true, 3);
    for (let round = 0; round < 20; round += 1) {
      for (const layer of [0, 1]) {
        browser.encode(10, { layer });
        browser.come(10, { layer });
      }
      browser.look();
    }
    browser.encode(SPARE_FRAMES + 1, { past: true, layer: 2 });
    expect(browser.settle()).toBe("passed-by");
  });

  it("knows that what is not passed on is not to be sent", () => {
    const browser = new Browser(true);
    browser.encode(3);
    browser.come(3, { passed: false });
    expect(browser.look()).toBe("proven");
    // Seen and refused, and the browser sends it all the same.
    browser.guard.sent(new Map([[0, { frames: 3, bytes: 300 }]]));
    for (let more = 0; more < ANSWERS; more += 1) expect(browser.answer()).toBe("doubtful");
    expect(browser.answer()).toBe("passed-by");
  });

  it.each(KINDS)("goes by nothing where a browser does not count", (video) => {
    const guard = new FrameGuard(video);
    const verdicts: Verdict[] = [];
    for (let look = 1; look <= UNCOUNTED; look += 1) {
      guard.sent(new Map());
      verdicts.push(guard.seen({ frames: look, bytes: look * 100 }));
    }
    expect(verdicts.at(-2)).not.toBe("uncounted");
    expect(verdicts.at(-1)).toBe("uncounted");
  });

  it("goes by nothing where the transform is not there", () => {
    const browser = new Browser(true);
    browser.encode(3);
    browser.come(3);
    expect(browser.look()).toBe("proven");
    expect(browser.guard.seen(null)).toBe("failed");
    expect(browser.look()).toBe("failed");
  });
});

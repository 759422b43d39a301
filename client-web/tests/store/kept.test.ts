// What several pages of one browser keep at the same time: none overwrites what another has kept.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { joinLink, keepLink, keptLink } from "../../src/store/links";
import { oneAtATime } from "../../src/store/lock";
import { prefer, preferences } from "../../src/store/preferences";

/**
 * A localStorage as a page sees it that has not yet heard of what another page writes: reads answer
 * from when `stale` was called, writes arrive.
 */
class Storage {
  readonly real = new Map<string, string>();
  #seen: Map<string, string> | null = null;

  stale(): void {
    this.#seen = new Map(this.real);
  }

  getItem(name: string): string | null {
    return (this.#seen ?? this.real).get(name) ?? null;
  }

  setItem(name: string, text: string): void {
    this.real.set(name, text);
    Object.assign(this, { [name]: text });
  }

  removeItem(name: string): void {
    this.real.delete(name);
    Reflect.deleteProperty(this, name);
  }
}

let storage: Storage;

beforeEach(() => {
  storage = new Storage();
  vi.stubGlobal("localStorage", storage);
  vi.stubGlobal("location", { origin: "https://meet.example" });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const link = (fragment: string, ordinal = 1) => ({ fragment, ordinal });

describe("links", () => {
  it("of two pages are both kept", () => {
    storage.stale();
    keepLink("a", link("one"), 1); // this page …
    keepLink("b", link("two", 3), 2); // … and one that has not heard of it
    vi.stubGlobal("localStorage", { getItem: (name: string) => storage.real.get(name) ?? null });
    expect(joinLink("a")).toBe("https://meet.example/m/a#one");
    expect(joinLink("b")).toBe("https://meet.example/m/b#two");
    expect(joinLink("c")).toBeNull();
    expect(keptLink("b")).toEqual({ fragment: "two", ordinal: 3 });
  });

  it("are of one meeting the newest", () => {
    keepLink("a", link("old"), 1);
    keepLink("a", link("new", 2), 2);
    expect(keptLink("a")).toEqual({ fragment: "new", ordinal: 2 });
  });

  it.each(["{}", "null", "", '{"secret":"x","at":1}', '{"fragment":"x","at":1}'])(
    "that are kept as %j are none",
    (text) => {
      storage.setItem("assent.link.a", text);
      expect(keptLink("a")).toBeNull();
      expect(joinLink("a")).toBeNull();
    },
  );

  it("are kept up to a number, the oldest going first", () => {
    for (let at = 0; at < 120; at += 1) keepLink(String(at), link("x"), at);
    expect(joinLink("19")).toBeNull();
    expect(joinLink("20")).not.toBeNull();
    expect(joinLink("119")).not.toBeNull();
  });
});

describe("preferences", () => {
  it("of two pages are both kept", () => {
    storage.stale();
    prefer({ camera: "one" });
    prefer({ name: "Ada" });
    const fresh = { getItem: (name: string) => storage.real.get(name) ?? null };
    vi.stubGlobal("localStorage", fresh);
    expect(preferences()).toMatchObject({ camera: "one", name: "Ada", shortcuts: true });
  });

  it("that were kept together are still known, until they are changed", () => {
    storage.setItem(
      "assent.preferences",
      JSON.stringify({ name: "Ada", camera: "one", speaker: 5 }),
    );
    expect(preferences()).toMatchObject({ name: "Ada", camera: "one", speaker: null });
    prefer({ camera: null });
    expect(preferences()).toMatchObject({ name: "Ada", camera: null });
  });

  it("are what they are by default where the browser keeps nothing", () => {
    vi.stubGlobal("localStorage", undefined);
    prefer({ name: "Ada" });
    expect(preferences()).toMatchObject({ name: "", shortcuts: true });
  });
});

describe("one page at a time", () => {
  const work = async (log: string[], name: string): Promise<string> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    return name;
  };

  it("is so where there are locks", async () => {
    const log: string[] = [];
    let last: Promise<unknown> = Promise.resolve();
    const locks = {
      request: (_name: string, _options: LockOptions, turn: () => Promise<unknown>) => {
        const next = last.then(turn);
        last = next;
        return next;
      },
    } as unknown as LockManager;
    const both = ["one", "two"].map((name) => oneAtATime("x", () => work(log, name), locks));
    expect(await Promise.all(both)).toEqual(["one", "two"]);
    expect(log).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  });

  it("goes on without where there are none, or none are to be had", async () => {
    const refused = {
      request: () => Promise.reject(new DOMException("no", "SecurityError")),
    } as unknown as LockManager;
    expect(await oneAtATime("x", () => work([], "one"), undefined)).toBe("one");
    expect(await oneAtATime("x", () => work([], "two"), refused)).toBe("two");
    await expect(oneAtATime("x", () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  });

  it("is not waited for for ever", async () => {
    vi.useFakeTimers();
    const held = {
      request: (_: string, { signal }: LockOptions) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            reject(new DOMException("waited", "AbortError"));
          });
        }),
    } as unknown as LockManager;
    const done = oneAtATime("x", () => work([], "one"), held);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await done).toBe("one");
    vi.useRealTimers();
  });
});

// What the console shows is asked for again and again: one question at a time, and the newest counts.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Refused } from "../../src/api/errors";
import { Poller } from "../../src/pages/console/poller";

interface Asked {
  readonly answer: (value: string) => void;
  readonly refuse: (error: unknown) => void;
}

/** A server that answers when a test says so. */
function server(): { ask: () => Promise<string>; asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    ask: () =>
      new Promise<string>((answer, refuse) => {
        asked.push({ answer, refuse });
      }),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a poller", () => {
  it("asks at once, and then again and again", async () => {
    const { ask, asked } = server();
    const poller = new Poller(ask, 1000);
    poller.start(() => true);
    expect(asked).toHaveLength(1);
    asked[0]?.answer("one");
    await vi.advanceTimersByTimeAsync(1000);
    expect(poller.answer.value).toBe("one");
    expect(asked).toHaveLength(2);
    asked[1]?.answer("two");
    await vi.advanceTimersByTimeAsync(1);
    expect(poller.answer.value).toBe("two");
    poller.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(2);
  });

  it("does not ask while it waits for an answer, nor where nobody looks", async () => {
    const { ask, asked } = server();
    let seen = true;
    const poller = new Poller(ask, 1000);
    poller.start(() => seen);
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(1);
    asked[0]?.answer("one");
    seen = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(1);
    seen = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(2);
    poller.stop();
  });

  it("throws an answer away when something was asked after it", async () => {
    const { ask, asked } = server();
    const poller = new Poller(ask, 1000);
    poller.start(() => true);
    void poller.again();
    asked[1]?.answer("new");
    await vi.advanceTimersByTimeAsync(1);
    asked[0]?.answer("old");
    await vi.advanceTimersByTimeAsync(1);
    expect(poller.answer.value).toBe("new");
    poller.stop();
  });

  it("keeps what was answered while there is nothing newer, and says why there is not", async () => {
    const { ask, asked } = server();
    const poller = new Poller(ask, 1000);
    poller.start(() => true);
    asked[0]?.answer("one");
    await vi.advanceTimersByTimeAsync(1000);
    asked[1]?.refuse(new Refused("unreachable"));
    await vi.advanceTimersByTimeAsync(1);
    expect(poller.answer.value).toBe("one");
    expect(poller.refusal.value?.code).toBe("unreachable");
    await vi.advanceTimersByTimeAsync(1000);
    asked[2]?.answer("two");
    await vi.advanceTimersByTimeAsync(1);
    expect(poller.refusal.value).toBeNull();
    poller.stop();
  });

  it("hears nothing any more once it was stopped", async () => {
    const { ask, asked } = server();
    const poller = new Poller(ask, 1000);
    poller.start(() => true);
    poller.stop();
    asked[0]?.answer("late");
    await vi.advanceTimersByTimeAsync(1);
    expect(poller.answer.value).toBeNull();
  });
});

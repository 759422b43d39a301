import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { View } from "../../src/meeting/view";
import type { Shown } from "../../src/signalling/messages";

describe("the view", () => {
  const told: Shown[][] = [];
  let view: View;

  beforeEach(() => {
    vi.useFakeTimers();
    told.length = 0;
    view = new View((shown) => told.push(shown));
  });
  afterEach(() => {
    view.stop();
    vi.useRealTimers();
  });

  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

  it("says nothing before it is begun", async () => {
    view.show("ada", "camera", 300);
    await settle();
    expect(told).toEqual([]);
    view.begin();
    await settle();
    expect(told).toEqual([[{ person: "ada", source: "camera", height: 300 }]]);
  });

  it("says many changes at once, and the whole of it", async () => {
    view.begin();
    view.show("ada", "camera", 300);
    view.show("bob", "camera", 100);
    view.hide("ada", "camera");
    view.show("ada", "screen", 700);
    await settle();
    expect(told).toEqual([
      [
        { person: "bob", source: "camera", height: 100 },
        { person: "ada", source: "screen", height: 700 },
      ],
    ]);
  });

  it("does not say again what hardly changes", async () => {
    view.begin();
    view.show("ada", "camera", 300);
    await settle();
    view.show("ada", "camera", 310);
    await settle();
    expect(told).toHaveLength(1);
    view.show("ada", "camera", 400);
    await settle();
    expect(told).toHaveLength(2);
    view.hide("ada", "camera");
    view.show("ada", "camera", 400);
    await settle();
    expect(told).toHaveLength(2);
  });

  it("says it all again to a server that has forgotten", async () => {
    view.begin();
    view.show("ada", "camera", 300);
    await settle();
    view.begin();
    await settle();
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
  });

  it("says that nothing is shown, also when there is nothing", async () => {
    view.begin();
    await settle();
    expect(told).toEqual([[]]);
  });

  it("shows nothing while the page is out of sight", async () => {
    view.begin();
    view.show("ada", "camera", 300);
    await settle();
    view.setHidden(true);
    await settle();
    view.setHidden(false);
    await settle();
    expect(told.map((shown) => shown.length)).toEqual([1, 0, 1]);
  });

  it("keeps to what the server takes", async () => {
    view.begin();
    for (let at = 0; at < 400; at += 1) view.show(`person-${at}`, "camera", at === 0 ? 0 : 1e6);
    await settle();
    expect(told[0]).toHaveLength(256);
    expect(told[0]?.[0]?.height).toBe(1);
    expect(told[0]?.[1]?.height).toBe(8192);
  });
});

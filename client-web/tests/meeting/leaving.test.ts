import { describe, expect, it } from "vitest";

import { asksBeforeLeaving } from "../../src/meeting/leaving";
import type { Room } from "../../src/signalling/messages";

function room(change: Partial<Pick<Room, "armed" | "capture">>, people = 1, inside = true): Room {
  return {
    armed: false,
    capture: "off",
    ...change,
    people: Array.from({ length: people }),
    you: { state: inside ? "admitted" : "waiting" },
  } as Room;
}

describe("leaving the page", () => {
  it("is asked about where others are there, or it is recorded", () => {
    expect(asksBeforeLeaving(room({}, 2), true)).toBe(true);
    expect(asksBeforeLeaving(room({ armed: true }), true)).toBe(true);
    expect(asksBeforeLeaving(room({ capture: "recording" }), true)).toBe(true);
    expect(asksBeforeLeaving(room({ capture: "paused" }), true)).toBe(true);
  });

  it("is not asked about where nobody would miss it", () => {
    expect(asksBeforeLeaving(room({}), true)).toBe(false);
    expect(asksBeforeLeaving(room({ armed: true }, 2, false), true)).toBe(false);
    expect(asksBeforeLeaving(null, true)).toBe(false);
  });

  it("is asked about where a key would be lost with the page", () => {
    expect(asksBeforeLeaving(room({}), false)).toBe(true);
    expect(asksBeforeLeaving(null, false)).toBe(true);
  });
});

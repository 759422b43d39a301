import { describe, expect, it } from "vitest";

import { changesBetween, soundFor } from "../../src/meeting/changes";
import type { Room } from "../../src/signalling/messages";

function room(changes: Partial<Room> & { names?: string[] }): Room {
  const { names = ["Me"], ...rest } = changes;
  return {
    type: "room",
    revision: 1,
    title: "",
    started_at: null,
    locked: false,
    capture: "off",
    armed: false,
    problem: null,
    disputed_by: 0,
    present: names.length,
    agreed: 0,
    all_agreed: null,
    recorder: false,
    you: {
      person: "Me",
      state: "admitted",
      recording: "no",
      training: "no",
      device: null,
      revoked: [],
    },
    people: names.map((name) => ({
      person: name,
      name,
      host: false,
      connected: true,
      muted: [],
      silenced: [],
      sources: [],
      enrolment: "",
      watch: "",
      train: "",
    })),
    absent_hosts: [],
    waiting: [],
    ...rest,
  };
}

describe("changes of the room", () => {
  it("tell of the recording from the first view on", () => {
    expect(changesBetween(null, room({}))).toEqual([]);
    expect(changesBetween(null, room({ capture: "recording" }))).toEqual([
      { kind: "recording-started" },
    ]);
    expect(changesBetween(room({ capture: "recording" }), room({ capture: "paused" }))).toEqual([
      { kind: "recording-paused" },
    ]);
    expect(changesBetween(room({ capture: "paused" }), room({}))).toEqual([
      { kind: "recording-stopped" },
    ]);
  });

  it("tell who came and went, but not of those who were there before", () => {
    expect(changesBetween(null, room({ names: ["Me", "Ada"] }))).toEqual([]);
    expect(changesBetween(room({ names: ["Me", "Ada"] }), room({ names: ["Me", "Ben"] }))).toEqual([
      { kind: "joined", name: "Ben" },
      { kind: "left", name: "Ada" },
    ]);
  });

  it("tell hosts who knocks, once", () => {
    const knocking = room({ waiting: [{ person: "x", name: "Xenia" }] });
    expect(changesBetween(room({}), knocking)).toEqual([{ kind: "waiting", name: "Xenia" }]);
    expect(changesBetween(knocking, knocking)).toEqual([]);
  });

  it("make one sound, that of the recording first", () => {
    expect(soundFor([])).toBeNull();
    expect(soundFor([{ kind: "joined", name: "" }, { kind: "recording-paused" }])).toBe(
      "recording-paused",
    );
    expect(soundFor([{ kind: "left", name: "" }])).toBe("left");
    expect(soundFor([{ kind: "waiting", name: "" }])).toBe("joined");
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Bytes, decode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { type Finding, GenerationWatch, type Me } from "../../src/meeting/generation-watch";
import type { Generation, Room } from "../../src/signalling/messages";
import { vectors } from "../vectors";

interface Shown {
  person: string;
  enrolment: string;
  watch: string;
  train: string;
}

const given = vectors("watched") as {
  charter: string;
  me: { person: string; agreed: string[] };
  present: string[];
  vault_key: string;
  shown: Shown[];
  watcher: Shown;
  cases: { name: string; header: string; signature: string }[];
};

/** What the server says when a generation begins with a header of the vectors. */
function begun(name: string, number = 1): Generation {
  const found = given.cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the vectors lack ${name}`);
  const { header, signature } = found;
  return { type: "generation", number, header, signature };
}

/** A view of the room with these people, everyone as the vectors show them. */
function room(people: readonly string[], absentHosts: Room["absent_hosts"] = []): Room {
  return {
    type: "room",
    revision: 1,
    title: "",
    started_at: 0,
    locked: false,
    capture: "off",
    armed: true,
    problem: null,
    disputed_by: 0,
    present: people.length,
    agreed: 0,
    all_agreed: null,
    recorder: true,
    you: {
      person: given.me.person,
      state: "admitted",
      recording: "yes",
      training: "no",
      device: null,
      revoked: [],
    },
    people: given.shown
      .filter(({ person }) => people.includes(person))
      .map((one) => ({
        ...one,
        name: "",
        host: false,
        connected: true,
        muted: [],
        silenced: [],
        sources: [],
      })),
    absent_hosts: absentHosts,
    waiting: [],
  };
}

async function begin(
  changed: Partial<Me> = {},
): Promise<{ watch: GenerationWatch; findings: Finding[]; asked: (Bytes | null)[] }> {
  const mine = given.shown.find(({ person }) => person === given.me.person);
  if (mine === undefined) throw new Error("the vectors lack me");
  const findings: Finding[] = [];
  const asked: (Bytes | null)[] = [];
  const watch = new GenerationWatch(
    await parseCharter(decode(given.charter)),
    {
      person: decode(mine.person),
      enrolment: decode(mine.enrolment),
      agreed: (named) => {
        asked.push(named);
        return Promise.resolve(given.me.agreed.map((answer) => decode(answer)));
      },
      ...changed,
    },
    () => decode(given.vault_key),
    (finding) => findings.push(finding),
    () => Date.now(),
  );
  return { watch, findings, asked };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the watch over generations", () => {
  const everyone = given.shown.map(({ person }) => person);

  it("is content with a header for exactly those who were shown", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(given.present));
    await watch.handleGeneration(begun("as it should be"));
    expect(findings).toMatchObject([{ number: 1, problem: null, watchers: 2 }]);
    expect(watch.alarm.value).toBeNull();
  });

  it("waits a moment for a view that explains the header", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    await vi.advanceTimersByTimeAsync(10_000);
    await watch.handleGeneration(begun("as it should be"));
    expect(findings).toEqual([]);
    await vi.advanceTimersByTimeAsync(1500);
    watch.handleRoom(room(given.present));
    expect(findings).toMatchObject([{ problem: null }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(findings).toHaveLength(1);
  });

  it("accepts a view of just before", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(given.present));
    await vi.advanceTimersByTimeAsync(1000);
    watch.handleRoom(room(everyone));
    await watch.handleGeneration(begun("as it should be"));
    expect(findings).toMatchObject([{ problem: null }]);
  });

  it("raises the alarm when no view explains it, and keeps it", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    await vi.advanceTimersByTimeAsync(10_000);
    watch.handleRoom(room(everyone));
    await watch.handleGeneration(begun("as it should be"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(findings).toMatchObject([{ problem: "missing" }]);
    watch.handleRoom(room(given.present));
    await watch.handleGeneration(begun("the one after", 2));
    expect(findings[1]).toMatchObject({ problem: null });
    expect(watch.alarm.value).toMatchObject({ number: 1, problem: "missing" });
  });

  it("raises it at once for keys, strangers who watch, and what is no header", async () => {
    for (const [name, problem] of [
      ["another enrolment", "wrong-keys"],
      ["an answer that one never gave", "stranger"],
      ["not signed by the server", "bad-document"],
      ["oneself left out", "missing"],
      ["another charter", "other-meeting"],
      ["somebody twice", "bad-document"],
    ] as const) {
      const { findings, watch } = await begin();
      watch.handleRoom(room(everyone));
      watch.handleRoom(room(given.present));
      await watch.handleGeneration(begun(name));
      expect(findings).toMatchObject([{ problem }]);
    }
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(given.present));
    await watch.handleGeneration(begun("somebody nobody saw, who only watches"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("knows its own enrolment, whatever the server says was enrolled", async () => {
    const swapped = await begin({ enrolment: new Uint8Array(32) });
    swapped.watch.handleRoom(room(everyone));
    swapped.watch.handleRoom(room(given.present));
    await swapped.watch.handleGeneration(begun("as it should be"));
    expect(swapped.findings).toMatchObject([{ problem: "wrong-keys" }]);
  });

  it("asks whether the answer that a header names was ever given", async () => {
    const { asked, findings, watch } = await begin({});
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(given.present));
    await watch.handleGeneration(begun("as it should be"));
    expect(asked).toEqual(given.me.agreed.map((answer) => decode(answer)));
    expect(findings).toMatchObject([{ problem: null }]);
    const never = await begin({ agreed: () => Promise.resolve([]) });
    never.watch.handleRoom(room(everyone));
    never.watch.handleRoom(room(given.present));
    await never.watch.handleGeneration(begun("as it should be"));
    expect(never.findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("knows a host who was there before this browser, and can watch", async () => {
    const message = begun("somebody nobody saw, who only watches");
    const shown = {
      ...given.watcher,
      name: "Hanna",
      host: true,
      connected: false,
      muted: [],
      silenced: [],
      sources: [],
    };
    const honest = await begin();
    honest.watch.handleRoom(room(everyone));
    honest.watch.handleRoom(room(given.present, [shown]));
    await honest.watch.handleGeneration(message);
    expect(honest.findings).toMatchObject([{ problem: null }]);

    // Shown with another enrolment, or as a guest, it is somebody else who can watch.
    const swapped = await begin();
    const other = { ...shown, enrolment: shown.watch };
    swapped.watch.handleRoom(room(given.present, [other]));
    await swapped.watch.handleGeneration(message);
    expect(swapped.findings).toMatchObject([{ problem: "wrong-keys" }]);
    const guest = await begin();
    guest.watch.handleRoom(room(given.present, [{ ...shown, host: false }]));
    await guest.watch.handleGeneration(message);
    await vi.advanceTimersByTimeAsync(2000);
    expect(guest.findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("knows a stranger from somebody who was shown", async () => {
    const { findings, watch } = await begin();
    const shown = given.present.filter((person) => person === given.me.person);
    expect(shown.length).toBeLessThan(given.present.length);
    watch.handleRoom(room(shown));
    await watch.handleGeneration(begun("as it should be"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("misses somebody who came and left, for they own a share of all that follows", async () => {
    const { findings, watch } = await begin();
    const view = room(given.present);
    const [somebody] = view.people;
    if (somebody === undefined) throw new Error("the vectors lack people");
    const gone = { ...somebody, person: "A".repeat(43) };
    watch.handleRoom({ ...view, people: [...view.people, gone] });
    await vi.advanceTimersByTimeAsync(10_000);
    watch.handleRoom(view);
    await watch.handleGeneration(begun("as it should be"));
    expect(findings).toMatchObject([{ problem: "missing" }]);
  });

  it("notices headers that do not follow one another", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(given.present));
    await watch.handleGeneration(begun("as it should be"));
    await watch.handleGeneration(begun("as it should be"));
    expect(findings.map(({ problem }) => problem)).toEqual([null, "broken-chain"]);
  });
});

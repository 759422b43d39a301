import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { parseHeader } from "../../src/crypto/epoch";
import { digest } from "../../src/crypto/suite";
import { EpochWatch, type Finding, type Me } from "../../src/meeting/epoch-watch";
import type { Room } from "../../src/signalling/messages";
import { vectors } from "../vectors";

const epoch = vectors("epoch") as {
  charter: string;
  me: { person: string };
  present: string[];
  vault_key: string;
  shown: { person: string; enrolment: string; watch: string; train: string }[];
  cases: { name: string; header: string }[];
};

function headerOf(name: string): string {
  const found = epoch.cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the vectors lack ${name}`);
  return found.header;
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
      person: epoch.me.person,
      state: "admitted",
      recording: "yes",
      training: "no",
      device: null,
      revoked: [],
    },
    people: epoch.shown
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
): Promise<{ watch: EpochWatch; findings: Finding[] }> {
  const honest = await parseHeader(decode(headerOf("as it should be")));
  const mine = honest.people.find(({ id }) => encode(id) === epoch.me.person);
  if (mine === undefined) throw new Error("the vectors lack me");
  const findings: Finding[] = [];
  const watch = new EpochWatch(
    await parseCharter(decode(epoch.charter)),
    {
      person: mine.id,
      enrolment: mine.enrolment,
      watch: mine.watch,
      train: mine.train,
      ...changed,
    },
    () => decode(epoch.vault_key),
    (finding) => findings.push(finding),
    () => Date.now(),
  );
  return { watch, findings };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the watch over epochs", () => {
  const everyone = epoch.shown.map(({ person }) => person);

  it("is content with a header for exactly those who were shown", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(epoch.present));
    await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf("as it should be") });
    expect(findings).toMatchObject([{ epoch: 1, problem: null, watchers: 2 }]);
    expect(watch.alarm.value).toBeNull();
  });

  it("waits a moment for a view that explains the header", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    await vi.advanceTimersByTimeAsync(10_000);
    await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf("as it should be") });
    expect(findings).toEqual([]);
    await vi.advanceTimersByTimeAsync(1500);
    watch.handleRoom(room(epoch.present));
    expect(findings).toMatchObject([{ problem: null }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(findings).toHaveLength(1);
  });

  it("accepts a view of just before", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(epoch.present));
    await vi.advanceTimersByTimeAsync(1000);
    watch.handleRoom(room(everyone));
    await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf("as it should be") });
    expect(findings).toMatchObject([{ problem: null }]);
  });

  it("raises the alarm when no view explains it, and keeps it", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    await vi.advanceTimersByTimeAsync(10_000);
    watch.handleRoom(room(everyone));
    await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf("as it should be") });
    await vi.advanceTimersByTimeAsync(2000);
    expect(findings).toMatchObject([{ problem: "missing" }]);
    watch.handleRoom(room(epoch.present));
    await watch.handleEpoch({ type: "epoch", epoch: 2, header: headerOf("the one after") });
    expect(findings[1]).toMatchObject({ problem: null });
    expect(watch.alarm.value).toMatchObject({ epoch: 1, problem: "missing" });
  });

  it("raises it at once for keys, strangers who watch, and what is no header", async () => {
    for (const [name, problem] of [
      ["another watch key", "wrong-keys"],
      ["oneself left out", "missing"],
      ["another charter", "other-meeting"],
      ["somebody twice", "bad-document"],
    ] as const) {
      const { findings, watch } = await begin();
      watch.handleRoom(room(everyone));
      watch.handleRoom(room(epoch.present));
      await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf(name) });
      expect(findings).toMatchObject([{ problem }]);
    }
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(epoch.present));
    await watch.handleEpoch({
      type: "epoch",
      epoch: 1,
      header: headerOf("somebody nobody saw, who only watches"),
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("knows the keys of its own browser, whatever the server says was enrolled", async () => {
    for (const key of ["enrolment", "watch", "train"] as const) {
      const swapped = await begin({ [key]: new Uint8Array(key === "enrolment" ? 32 : 1216) });
      swapped.watch.handleRoom(room(everyone));
      swapped.watch.handleRoom(room(epoch.present));
      await swapped.watch.handleEpoch({
        type: "epoch",
        epoch: 1,
        header: headerOf("as it should be"),
      });
      expect(swapped.findings).toMatchObject([{ problem: "wrong-keys" }]);
    }
  });

  it("knows a host who was there before this browser, and can watch", async () => {
    const header = headerOf("somebody nobody saw, who only watches");
    const parsed = await parseHeader(decode(header));
    const watcher = parsed.people.find(({ present, watches }) => watches && !present);
    if (watcher === undefined) throw new Error("the vectors lack a watcher who is not there");
    const shown = {
      person: encode(watcher.id),
      name: "Hanna",
      host: true,
      connected: false,
      muted: [],
      silenced: [],
      sources: [],
      enrolment: encode(watcher.enrolment),
      watch: encode(await digest(watcher.watch)),
      train: encode(await digest(watcher.train)),
    };
    const honest = await begin();
    honest.watch.handleRoom(room(epoch.present, [shown]));
    await honest.watch.handleEpoch({ type: "epoch", epoch: 1, header });
    expect(honest.findings).toMatchObject([{ problem: null }]);

    // Shown with another key, or as a guest, it is somebody else who can watch.
    const swapped = await begin();
    swapped.watch.handleRoom(room(epoch.present, [{ ...shown, watch: shown.train }]));
    await swapped.watch.handleEpoch({ type: "epoch", epoch: 1, header });
    expect(swapped.findings).toMatchObject([{ problem: "wrong-keys" }]);
    const guest = await begin();
    guest.watch.handleRoom(room(epoch.present, [{ ...shown, host: false }]));
    await guest.watch.handleEpoch({ type: "epoch", epoch: 1, header });
    await vi.advanceTimersByTimeAsync(2000);
    expect(guest.findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("knows a stranger from somebody who was shown", async () => {
    const { findings, watch } = await begin();
    const shown = epoch.present.filter((person) => person === epoch.me.person);
    expect(shown.length).toBeLessThan(epoch.present.length);
    watch.handleRoom(room(shown));
    await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf("as it should be") });
    await vi.advanceTimersByTimeAsync(2000);
    expect(findings).toMatchObject([{ problem: "stranger" }]);
  });

  it("misses somebody who came and left, for they own a share of all that follows", async () => {
    const { findings, watch } = await begin();
    const view = room(epoch.present);
    const [somebody] = view.people;
    if (somebody === undefined) throw new Error("the vectors lack people");
    const gone = { ...somebody, person: "A".repeat(43) };
    watch.handleRoom({ ...view, people: [...view.people, gone] });
    await vi.advanceTimersByTimeAsync(10_000);
    watch.handleRoom(view);
    await watch.handleEpoch({ type: "epoch", epoch: 1, header: headerOf("as it should be") });
    expect(findings).toMatchObject([{ problem: "missing" }]);
  });

  it("notices headers that do not follow one another", async () => {
    const { findings, watch } = await begin();
    watch.handleRoom(room(everyone));
    watch.handleRoom(room(epoch.present));
    const header = headerOf("as it should be");
    await watch.handleEpoch({ type: "epoch", epoch: 1, header });
    await watch.handleEpoch({ type: "epoch", epoch: 1, header });
    expect(findings.map(({ problem }) => problem)).toEqual([null, "broken-chain"]);
  });
});

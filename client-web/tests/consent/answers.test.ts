import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Refused } from "../../src/api/errors";
import { Answers } from "../../src/consent/answers";
import { decode, encode, equal } from "../../src/crypto/bytes";
import { type Charter, parseCharter } from "../../src/crypto/charter";
import { deriveKeys } from "../../src/crypto/keys";
import type { CheckedRecord } from "../../src/crypto/record";
import {
  type Answer,
  makeAnswer,
  makeEnrolment,
  type SignedAnswer,
  verifyAnswer,
  verifyEnrolment,
} from "../../src/crypto/statement";
import { PassingUnsent } from "../../src/store/unsent";
import { vectors } from "../vectors";

const statements = vectors("statements") as { charters: Record<string, string> };
const grant = vectors("grant") as { notice: string };
const shown = { notice: decode(grant.notice), language: "en", build: new Uint8Array(32) };

/** A server that keeps the chain as the real one does, and may be told to fail. */
class Server {
  readonly taken: SignedAnswer[] = [];
  arrivals = 0;
  /** What happens to the next deliveries: lost on the way, or on the way back. */
  readonly faults: ("before" | "after" | "full")[] = [];
  readonly unsent = new PassingUnsent();
  /** What it has acknowledged, as the page has kept it. */
  readonly kept: [number, string][] = [];
  answers!: Answers;
  charter!: Charter;

  async open(): Promise<Answers> {
    this.charter = await parseCharter(decode(statements.charters["both"] ?? ""));
    const keys = await deriveKeys(new Uint8Array(32).fill(3), this.charter.meeting);
    const { body, signature } = await makeEnrolment(
      keys,
      this.charter,
      shown,
      new Uint8Array(32),
      1,
    );
    const enrolment = await verifyEnrolment(body, signature, this.charter);
    this.answers = new Answers(keys, this.charter, enrolment, {
      deliver: async (signed) => {
        await this.take(signed);
        return { document: encode(signed.answer.digest), signature: "" };
      },
      keep: ({ sequence }, { document }) => {
        this.kept.push([sequence, document]);
        return Promise.resolve();
      },
      fetch: () => Promise.resolve(this.record()),
      now: () => 2,
      unsent: () => Promise.resolve(this.unsent),
    });
    return this.answers;
  }

  async take(signed: SignedAnswer): Promise<void> {
    this.arrivals += 1;
    const fault = this.faults.shift();
    if (fault === "before") throw new Refused("unreachable");
    if (fault === "full") throw new Refused("try-again");
    try {
      const last = this.taken.at(-1)?.answer ?? null;
      await verifyAnswer(signed.body, signed.signature, this.answers.enrolment, this.charter, last);
    } catch {
      const known = this.taken.some(({ answer }) => equal(answer.digest, signed.answer.digest));
      if (known) return;
      throw new Refused("stale-statement");
    }
    this.taken.push(signed);
    if (fault === "after") throw new Refused("unreachable");
  }

  record(): CheckedRecord {
    return {
      charter: this.charter,
      vaultKey: null,
      enrolment: this.answers.enrolment,
      answers: this.taken.map(({ answer }) => ({ answer, receivedAt: 3 })),
    };
  }

  /** The person answers from another browser. */
  async elsewhere(recording: "yes" | "no"): Promise<void> {
    const { charter, enrolment, keys } = this.answers;
    const last: Answer | null = this.taken.at(-1)?.answer ?? null;
    const wish = { recording, training: "unanswered" } as const;
    this.taken.push(await makeAnswer(keys, charter, enrolment, last, wish, shown, null, 9));
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Let what was said arrive, however often it has to be sent. */
async function settle(said: Promise<void>): Promise<void> {
  const state = { open: true };
  const done = said.finally(() => {
    state.open = false;
  });
  done.catch(() => undefined);
  while (state.open) {
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(3000);
  }
  await done;
}

describe("answers", () => {
  it("stand as said once the server has them", async () => {
    const server = new Server();
    const answers = await server.open();
    expect(answers.whole).toEqual({ recording: "unanswered", training: "unanswered" });
    await settle(answers.say({ recording: "yes", training: "unanswered" }, shown));
    await settle(answers.say({ recording: "withdrawn", training: "unanswered" }, shown));
    expect(answers.whole.recording).toBe("withdrawn");
    expect(server.taken.map(({ answer }) => answer.sequence)).toEqual([1, 2]);
    expect(answers.sending.value).toBe(false);
  });

  it("are sent again, the same bytes, until it is known that they arrived", async () => {
    const server = new Server();
    const answers = await server.open();
    server.faults.push("before", "before", "after");
    await settle(answers.say({ recording: "no", training: "unanswered" }, shown));
    expect(server.arrivals).toBe(4);
    expect(server.taken).toHaveLength(1);
    expect(answers.whole.recording).toBe("no");
  });

  it("have what the server signed for each kept, once it has arrived", async () => {
    const server = new Server();
    const answers = await server.open();
    server.faults.push("before", "after");
    await settle(answers.say({ recording: "no", training: "unanswered" }, shown));
    await settle(answers.say({ recording: "yes", training: "unanswered" }, shown));
    const digests = server.taken.map(({ answer }) => encode(answer.digest));
    expect(server.kept).toEqual([
      [1, digests[0]],
      [2, digests[1]],
    ]);
  });

  it("give way to what was said elsewhere, and say so", async () => {
    const server = new Server();
    const answers = await server.open();
    await server.elsewhere("no");
    const said = answers.say({ recording: "yes", training: "unanswered" }, shown);
    await expect(settle(said)).rejects.toMatchObject({ code: "stale-statement" });
    expect(answers.whole.recording).toBe("no");
    await settle(answers.say({ recording: "yes", training: "unanswered" }, shown));
    expect(answers.whole.recording).toBe("yes");
  });

  it("are aligned with the server only where it knows another one", async () => {
    const server = new Server();
    const answers = await server.open();
    await answers.align(null);
    expect(answers.last.value).toBeNull();
    await server.elsewhere("yes");
    await answers.align(server.taken[0]?.answer.digest ?? null);
    expect(answers.whole.recording).toBe("yes");
  });

  it("stay as they were when the server refuses", async () => {
    const server = new Server();
    const answers = await server.open();
    server.take = () => Promise.reject(new Refused("notice-not-in-force"));
    const said = answers.say({ recording: "yes", training: "unanswered" }, shown);
    await expect(settle(said)).rejects.toMatchObject({ code: "notice-not-in-force" });
    expect(answers.last.value).toBeNull();
    expect(answers.sending.value).toBe(false);
  });

  it("that the server cannot take now are sent again, and are a yes no more meanwhile", async () => {
    const server = new Server();
    const answers = await server.open();
    await settle(answers.say({ recording: "yes", training: "unanswered" }, shown));
    server.faults.push("full", "full", "full");
    const said = answers.say({ recording: "withdrawn", training: "unanswered" }, shown);
    await answers.delayed();
    expect(answers.said.recording).toBe("withdrawn");
    expect(answers.whole.recording).toBe("yes");
    expect(answers.sending.value).toBe(true);
    expect(await server.unsent.all()).toHaveLength(1);
    await settle(said);
    expect(server.taken.map(({ answer }) => answer.recording)).toEqual(["yes", "withdrawn"]);
    expect(answers.pending.value).toBeNull();
    expect(answers.whole.recording).toBe("withdrawn");
    expect(await server.unsent.all()).toEqual([]);
  });

  it("that a page has left are taken up by the next, and stand there at once", async () => {
    const server = new Server();
    const before = await server.open();
    await settle(before.say({ recording: "yes", training: "unanswered" }, shown));
    server.faults.push(...Array.from({ length: 99 }, () => "full" as const));
    void before.say({ recording: "withdrawn", training: "unanswered" }, shown);
    await before.delayed(); // and the page is closed
    vi.clearAllTimers();

    const answers = await server.open();
    answers.adopt(server.record());
    expect(answers.said.recording).toBe("yes");
    const resumed = answers.resume();
    await answers.delayed();
    expect(answers.said.recording).toBe("withdrawn");
    server.faults.length = 0;
    await settle(resumed);
    expect(answers.whole.recording).toBe("withdrawn");
    expect(server.taken).toHaveLength(2);
    expect(await server.unsent.all()).toEqual([]);
  });

  it("that take something back are said anew after what was said elsewhere", async () => {
    const server = new Server();
    const answers = await server.open();
    await settle(answers.say({ recording: "yes", training: "unanswered" }, shown));
    await server.elsewhere("yes");
    await settle(answers.say({ recording: "withdrawn", training: "unanswered" }, shown));
    expect(server.taken.map(({ answer }) => answer.recording)).toEqual(["yes", "yes", "withdrawn"]);
    expect(answers.whole.recording).toBe("withdrawn");
  });
});

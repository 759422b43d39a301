import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Refused } from "../../src/api/errors";
import { Answers } from "../../src/consent/answers";
import { decode } from "../../src/crypto/bytes";
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
import { vectors } from "../vectors";

const statements = vectors("statements") as { charters: Record<string, string> };
const grant = vectors("grant") as { notice: string };
const shown = { notice: decode(grant.notice), language: "en", build: new Uint8Array(32) };

/** A server that keeps the chain as the real one does, and may be told to fail. */
class Server {
  readonly taken: SignedAnswer[] = [];
  arrivals = 0;
  /** What happens to the next deliveries: lost on the way, or on the way back. */
  readonly faults: ("before" | "after")[] = [];
  answers!: Answers;
  charter!: Charter;

  async open(): Promise<Answers> {
    this.charter = await parseCharter(decode(statements.charters["both"] ?? ""));
    const keys = await deriveKeys(new Uint8Array(32).fill(3), this.charter.meeting);
    const { body, signature } = await makeEnrolment(keys, this.charter, shown, 1);
    const enrolment = await verifyEnrolment(body, signature, this.charter);
    this.answers = new Answers(keys, this.charter, enrolment, {
      deliver: (signed) => this.take(signed),
      fetch: () => Promise.resolve(this.record()),
      now: () => 2,
    });
    return this.answers;
  }

  async take(signed: SignedAnswer): Promise<void> {
    this.arrivals += 1;
    const fault = this.faults.shift();
    if (fault === "before") throw new Refused("unreachable");
    try {
      const last = this.taken.at(-1)?.answer ?? null;
      await verifyAnswer(signed.body, signed.signature, this.answers.enrolment, this.charter, last);
    } catch {
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
});

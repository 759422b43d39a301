import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { type Charter, parseCharter } from "../../src/crypto/charter";
import {
  FormatError,
  NoticeNotInForce,
  SignatureError,
  StaleStatement,
} from "../../src/crypto/errors";
import { deriveKeys } from "../../src/crypto/keys";
import {
  type Answer,
  checkSealed,
  makeAnswer,
  makeEnrolment,
  verifyAnswer,
  verifyEnrolment,
} from "../../src/crypto/statement";
import { verifyVaultKey } from "../../src/crypto/vault-key";
import { vectors } from "../vectors";

interface Said {
  document: string;
  signature: string;
  sealed: string | null;
}

interface Case extends Said {
  name: string;
  charter: string;
  kind: "enrolment" | "answer" | "receipt-request";
  previous: Said[];
  error: string | null;
  field: string | null;
}

const statements = vectors("statements") as {
  charters: Record<string, string>;
  enrolments: Record<string, Said>;
  cases: Case[];
};

const grant = vectors("grant") as {
  meeting: string;
  notice: string;
  identity: string;
  vault_key: { document: string; signature: string };
};

function need<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the vectors lack something");
  return value;
}

function charterOf(one: { charter: string }): Promise<Charter> {
  return parseCharter(decode(need(statements.charters[one.charter])));
}

async function judge(one: Case): Promise<void> {
  const charter = await charterOf(one);
  if (one.kind === "enrolment") {
    await verifyEnrolment(decode(one.document), decode(one.signature), charter);
    return;
  }
  const enrolled = need(statements.enrolments[one.charter]);
  const enrolment = await verifyEnrolment(
    decode(enrolled.document),
    decode(enrolled.signature),
    charter,
  );
  let previous: Answer | null = null;
  for (const said of one.previous) {
    previous = await verifyAnswer(
      decode(said.document),
      decode(said.signature),
      enrolment,
      charter,
      previous,
    );
  }
  const answer = await verifyAnswer(
    decode(one.document),
    decode(one.signature),
    enrolment,
    charter,
    previous,
  );
  await checkSealed(answer, one.sealed === null ? null : decode(one.sealed));
}

function codeOf(error: unknown): string {
  if (error instanceof StaleStatement) return "stale-statement";
  if (error instanceof NoticeNotInForce) return "notice-not-in-force";
  if (error instanceof SignatureError) return "bad-signature";
  if (error instanceof FormatError) return "bad-statement";
  throw error;
}

describe("statements of the vectors", () => {
  // The client reads no receipt requests.
  const telling = statements.cases.filter(({ kind }) => kind !== "receipt-request");

  it.each(telling)("$name", async (one) => {
    const error: unknown = await judge(one).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error === null ? null : codeOf(error)).toBe(one.error);
    if (error instanceof FormatError) expect(error.field).toBe(one.field);
  });
});

describe("statements made here", () => {
  const shown = { notice: decode(grant.notice), language: "en", build: new Uint8Array(32) };
  const seed = new Uint8Array(32).fill(5);

  async function begin(): Promise<
    Parameters<typeof makeAnswer>[2] extends infer E
      ? { charter: Charter; keys: Awaited<ReturnType<typeof deriveKeys>>; enrolment: E }
      : never
  > {
    const charter = await charterOf({ charter: "both" });
    const keys = await deriveKeys(seed, charter.meeting);
    const { body, signature } = await makeEnrolment(
      keys,
      charter,
      shown,
      new Uint8Array(32),
      1_750_000_000_000,
    );
    return { charter, keys, enrolment: await verifyEnrolment(body, signature, charter) };
  }

  it("form a chain that verifies, with the box that a grant names", async () => {
    const { charter, keys, enrolment } = await begin();
    const { document, signature } = grant.vault_key;
    const vault = await verifyVaultKey(decode(document), decode(signature), decode(grant.identity));
    const wishes = [
      { recording: "yes", training: "unanswered" },
      { recording: "yes", training: "yes" },
      { recording: "withdrawn", training: "withdrawn" },
      { recording: "yes", training: "withdrawn" },
    ] as const;
    let previous: Answer | null = null;
    for (const [at, wish] of wishes.entries()) {
      const made = await makeAnswer(keys, charter, enrolment, previous, wish, shown, vault, at);
      expect(made.answer.sequence).toBe(at + 1);
      expect(made.sealed === null).toBe(wish.training !== "yes");
      await checkSealed(made.answer, made.sealed);
      await verifyAnswer(made.body, made.signature, enrolment, charter, previous);
      previous = made.answer;
    }
  });

  it("are exactly the documents of FORMAT.md", async () => {
    const { charter, keys, enrolment } = await begin();
    const wish = { recording: "no", training: "unanswered" } as const;
    const { body } = await makeAnswer(keys, charter, enrolment, null, wish, shown, null, 3);
    expect(new TextDecoder().decode(body)).toBe(
      `{"type":"assent/answer/v2","suite":"assent-2","meeting":"${encode(keys.meeting)}",` +
        `"person":"${encode(keys.person)}","sequence":1,"previous":"${encode(enrolment.digest)}",` +
        `"recording":"no","training":"unanswered","notice":"${grant.notice}","language":"en",` +
        `"build":"${"A".repeat(43)}","sealed":null,"left_out":null,"at":3}`,
    );
  });

  it("never grant without a verified vault key, or what may not be said", async () => {
    const { charter, keys, enrolment } = await begin();
    const make = (
      recording: "yes" | "withdrawn",
      training: "yes" | "unanswered",
    ): Promise<unknown> =>
      makeAnswer(keys, charter, enrolment, null, { recording, training }, shown, null, 3);
    await expect(make("yes", "yes")).rejects.toThrow(/vault key/);
    await expect(make("withdrawn", "unanswered")).rejects.toThrow(/recording/);
  });
});

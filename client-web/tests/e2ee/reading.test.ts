// What a reader thinks of recorded headers, as the vectors that Python reads as well have it.

import { describe, expect, it } from "vitest";

import { decode } from "../../src/crypto/bytes";
import { GenerationError } from "../../src/crypto/errors";
import {
  type ChainEvidence,
  checkRecorded,
  type MeetingTerms,
  readRecorded,
} from "../../src/e2ee/reading";
import { vectors } from "../vectors";

interface World {
  terms: {
    meeting: string;
    charter: string;
    mode: MeetingTerms["mode"];
    recording: boolean;
    training: boolean;
    notice_version: number;
    vault: string | null;
    server: string;
  };
  enrolments: Record<string, { person: string; sign: string }>;
  hosts: string[];
  arms: Record<string, { by: string; recording: boolean; logged: boolean }>;
  answers: Record<string, { digest: string; recording: string } | null>;
  admitted: string[];
}

interface Case {
  name: string;
  code: string | null;
  header: string;
  signature: string;
  before: string | null;
  changes: Partial<World>;
}

const { readings } = vectors("headers") as { readings: { world: World; cases: Case[] } };

/** What a case changes is merged, but for what it empties. */
function changed(changes: Partial<World>): World {
  const world: Record<string, unknown> = { ...readings.world };
  for (const [key, value] of Object.entries(changes)) {
    const merge = !Array.isArray(value) && Object.keys(value).length > 0;
    world[key] = merge ? { ...(world[key] as object), ...value } : value;
  }
  return world as unknown as World;
}

function termsOf({ terms }: World): MeetingTerms {
  return {
    meeting: decode(terms.meeting),
    charter: decode(terms.charter),
    mode: terms.mode,
    recording: terms.recording,
    training: terms.training,
    noticeVersion: terms.notice_version,
    vault: terms.vault === null ? null : decode(terms.vault),
    server: decode(terms.server),
  };
}

function evidenceOf(world: World): ChainEvidence {
  return {
    enrolments: new Map(
      Object.entries(world.enrolments).map(([of, { person, sign }]) => [
        of,
        { person: decode(person), sign: decode(sign) },
      ]),
    ),
    hosts: new Set(world.hosts),
    arms: new Map(
      Object.entries(world.arms).map(([of, arm]) => [of, { ...arm, by: decode(arm.by) }]),
    ),
    answers: new Map(
      Object.entries(world.answers).flatMap(([person, answer]) =>
        answer === null ? [] : [[person, { ...answer, digest: decode(answer.digest) }]],
      ),
    ),
    admitted: world.admitted.map((person) => decode(person)),
  };
}

describe("a recorded header", () => {
  it.each(readings.cases)("$name: $code", async (given) => {
    const world = changed(given.changes);
    const before =
      given.before === null
        ? null
        : await readRecorded(decode(given.before), termsOf(readings.world));
    const check = checkRecorded(
      decode(given.header),
      decode(given.signature),
      before,
      termsOf(world),
      evidenceOf(world),
    );
    const code = await check.then(
      () => null,
      (error: unknown) => (error instanceof GenerationError ? error.code : String(error)),
    );
    expect(code).toBe(given.code);
  });
});

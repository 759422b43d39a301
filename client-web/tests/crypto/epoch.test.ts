import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { parseHeader } from "../../src/crypto/epoch";
import { FormatError } from "../../src/crypto/errors";
import { checkHeader, comparePresence, type SeenPerson } from "../../src/meeting/epoch-watch";
import { vectors } from "../vectors";

interface Vectors {
  charter: string;
  me: { person: string };
  present: string[];
  vault_key: string;
  shown: { person: string; enrolment: string; watch: string; train: string }[];
  cases: {
    name: string;
    header: string;
    previous: string | null;
    problem: string | null;
    field: string | null;
    parsed: {
      digest: string;
      epoch: number;
      people: { id: string; watch: string; train: string; present: boolean }[];
    } | null;
  }[];
}

const epoch = vectors("epoch") as Vectors;

/** The keys of `me`, as an honest header names them. */
async function me(): Promise<{
  person: Uint8Array<ArrayBuffer>;
  enrolment: Uint8Array<ArrayBuffer>;
  watch: Uint8Array<ArrayBuffer>;
  train: Uint8Array<ArrayBuffer>;
}> {
  const honest = await parseHeader(decode(epoch.cases[0]?.header ?? ""));
  const mine = honest.people.find(({ id }) => encode(id) === epoch.me.person);
  if (mine === undefined) throw new Error("the vectors lack me");
  return { person: mine.id, enrolment: mine.enrolment, watch: mine.watch, train: mine.train };
}

describe("headers of the vectors", () => {
  it.each(epoch.cases)("$name", async (one) => {
    const reading = parseHeader(decode(one.header));
    if (one.problem === "bad-document") {
      const error: unknown = await reading.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).field).toBe(one.field);
      return;
    }
    const header = await reading;
    expect(encode(header.digest)).toBe(one.parsed?.digest);
    const seen = new Map<string, SeenPerson>(
      epoch.shown.map((person) => [person.person, { ...person, host: false }]),
    );
    const problem = await checkHeader(header, {
      charter: await parseCharter(decode(epoch.charter)),
      vault: decode(epoch.vault_key),
      me: await me(),
      seen,
      previous:
        one.previous === null ? null : { epoch: header.epoch - 1, digest: decode(one.previous) },
    });
    expect(problem ?? comparePresence(header, new Set(epoch.present), seen)).toBe(one.problem);
  });

  it("read what the document says", async () => {
    for (const { header, parsed } of epoch.cases.filter(
      ({ problem }) => problem !== "bad-document",
    )) {
      const found = await parseHeader(decode(header));
      expect(found.epoch).toBe(parsed?.epoch);
      expect(found.people.map(({ id, present }) => ({ id: encode(id), present }))).toEqual(
        parsed?.people.map(({ id, present }) => ({ id, present })),
      );
    }
  });
});

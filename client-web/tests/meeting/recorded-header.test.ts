// Headers of a relayed meeting's generations, as the browser of somebody who is in them sees them.

import { describe, expect, it } from "vitest";

import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { readRecordedHeader, type RecordedHeader } from "../../src/e2ee/recorded-header";
import {
  checkRecordedHeader,
  comparePeople,
  type KnownBefore,
  type ShownPerson,
} from "../../src/meeting/recorded-header";
import { vectors } from "../vectors";

const given = vectors("relayed") as {
  header: string;
  signature: string;
  server: string;
  vault: string;
  watching: { person: string };
};
const body = decode(given.header);
const signature = decode(given.signature);
const server = decode(given.server);
const found = await readRecordedHeader(body, signature, server);
if (found === null) throw new Error("the header of the vectors is one");
const header: RecordedHeader = found;
const mine = header.people.find(({ id }) => encode(id) === given.watching.person);
const agreed = mine?.answer ?? null;
if (mine === undefined || agreed === null) throw new Error("I am in it, and have said yes");
const own = { person: mine.id, enrolment: mine.enrolment, agreed: [agreed] };
const seen: ReadonlyMap<string, ShownPerson> = new Map(
  header.people.map(({ enrolment, id }) => [
    encode(id),
    { enrolment: encode(enrolment), host: false },
  ]),
);
const other = header.people.find(({ id, present }) => present && id !== own.person);
const gone = header.people.find(({ present }) => !present);
if (other === undefined || gone === undefined) throw new Error("there are two others");
const there = new Set(header.people.filter(({ present }) => present).map(({ id }) => encode(id)));

const known: KnownBefore = {
  charter: {
    meeting: header.meeting,
    digest: header.charter,
    noticeVersion: 1,
    training: true,
  } as KnownBefore["charter"],
  vault: decode(given.vault),
  me: own,
  seen,
  previous: null,
};
const nothing: Bytes = new Uint8Array(32);

/** The same header, saying something else of somebody. */
function with_(person: Bytes, changes: Partial<RecordedHeader["people"][number]>) {
  const id = encode(person);
  const people = header.people.map((one) => (encode(one.id) === id ? { ...one, ...changes } : one));
  return { ...header, people };
}

describe("a header", () => {
  it("is one that the server has signed, and no page", async () => {
    expect(await readRecordedHeader(body, new Uint8Array(64), server)).toBeNull();
    expect(await readRecordedHeader(body, signature, nothing)).toBeNull();
    expect(await readRecordedHeader(body.subarray(1), signature, server)).toBeNull();
  });

  it("holds where it names whom one was shown", () => {
    expect(checkRecordedHeader(header, known)).toBeNull();
    expect(checkRecordedHeader(header, { ...known, vault: null, seen: new Map() })).toBeNull();
  });

  it("is of this meeting, charter and vault", () => {
    for (const changed of [
      { ...known, vault: nothing },
      { ...known, charter: { ...known.charter, meeting: new Uint8Array(16) } },
      { ...known, charter: { ...known.charter, digest: nothing } },
      { ...known, charter: { ...known.charter, noticeVersion: 2 } },
      { ...known, charter: { ...known.charter, training: false } },
    ]) {
      expect(checkRecordedHeader(header, changed)).toBe("other-meeting");
    }
  });

  it("follows the one before", () => {
    const second = { ...header.recorded, number: 2, previous: nothing };
    const later = { ...header, previous: nothing, recorded: second };
    const first = { number: 1, digest: nothing };
    expect(checkRecordedHeader(later, { ...known, previous: first })).toBeNull();
    expect(checkRecordedHeader(later, known)).toBeNull();
    const elsewhere = { number: 1, digest: header.digest };
    expect(checkRecordedHeader(later, { ...known, previous: elsewhere })).toBe("broken-chain");
    expect(checkRecordedHeader(header, { ...known, previous: first })).toBe("broken-chain");
    const forked = { ...later, previous: header.digest };
    expect(checkRecordedHeader(forked, { ...known, previous: first })).toBe("broken-chain");
    const missed = { ...later, recorded: { ...second, number: 3 } };
    expect(checkRecordedHeader(missed, { ...known, previous: elsewhere })).toBeNull();
  });

  it("names everybody as they were shown", () => {
    const without = { ...header, people: header.people.filter(({ id }) => id !== gone.id) };
    expect(checkRecordedHeader(without, known)).toBe("missing");
    expect(checkRecordedHeader(with_(gone.id, { enrolment: nothing }), known)).toBe("wrong-keys");
    expect(checkRecordedHeader(with_(own.person, { enrolment: nothing }), known)).toBe(
      "wrong-keys",
    );
    const notMe = { ...header, people: header.people.filter(({ id }) => id !== own.person) };
    expect(checkRecordedHeader(notMe, known)).toBe("missing");
  });

  it("rests on an answer of one's own that says yes", () => {
    expect(checkRecordedHeader(with_(own.person, { answer: nothing }), known)).toBe("stranger");
    expect(checkRecordedHeader(with_(own.person, { answer: null }), known)).toBe("stranger");
    const never = { ...known, me: { ...own, agreed: [] } };
    expect(checkRecordedHeader(header, never)).toBe("stranger");
    expect(checkRecordedHeader(with_(own.person, { present: false }), never)).toBeNull();
  });

  it("is for whom one is shown to be there, and for hosts to watch", () => {
    expect(comparePeople(header, there, seen)).toBeNull();
    expect(comparePeople(header, new Set([encode(own.person)]), seen)).toBe("stranger");
    expect(comparePeople(header, new Set([...there, encode(gone.id)]), seen)).toBe("missing");
    const watched = with_(gone.id, { host: nothing });
    expect(comparePeople(watched, there, seen)).toBe("stranger");
    const host = { enrolment: encode(gone.enrolment), host: true };
    expect(comparePeople(watched, there, new Map([[encode(gone.id), host]]))).toBeNull();
  });
});

describe("the vectors", () => {
  const watched = vectors("watched") as {
    charter: string;
    me: { person: string; agreed: string[] };
    present: string[];
    vault_key: string;
    shown: { person: string; enrolment: string }[];
    cases: {
      name: string;
      header: string;
      signature: string;
      previous: string | null;
      problem: string | null;
    }[];
  };
  const shown = new Map(
    watched.shown.map(({ enrolment, person }) => [person, { enrolment, host: false }]),
  );

  it.each(watched.cases)("$name", async (one) => {
    const charter = await parseCharter(decode(watched.charter));
    const read = await readRecordedHeader(
      decode(one.header),
      decode(one.signature),
      charter.server,
    );
    if (read === null) {
      expect(one.problem).toBe("bad-document");
      return;
    }
    const before = one.previous;
    const problem =
      checkRecordedHeader(read, {
        charter,
        vault: decode(watched.vault_key),
        me: {
          person: decode(watched.me.person),
          enrolment: decode(shown.get(watched.me.person)?.enrolment ?? ""),
          agreed: watched.me.agreed.map((answer) => decode(answer)),
        },
        seen: shown,
        previous: before === null ? null : { number: 1, digest: decode(before) },
      }) ?? comparePeople(read, new Set(watched.present), shown);
    expect(problem).toBe(one.problem);
  });
});

// Headers of generations: who is in, and what E they share (FORMAT-2.md, section 6). Here is what
// can be told of one by itself; what a page compares it with is in ./checking.

import { type Bytes, compare, encode, equal } from "../crypto/bytes";
import { type Fields, read, write } from "../crypto/document";
import { DIGEST_BYTES, digest, MEETING_BYTES } from "../crypto/suite";
import { MAX_GENERATION } from "./frame-key";
import { generationPlace } from "./generation";
import { SUITE_2 } from "./page-document";

export const GENERATION_TYPE = "assent/generation/v2";
/** Names of objects have six digits. */
export const MAX_NUMBER = 999_999;
const MAX_BYTES = 192 * 1024;
const MOST_PEOPLE = 500;
/** Somebody who was ever let in. All but `id` and `page` are digests of documents. */
export interface GenerationPerson {
  readonly id: Bytes;
  readonly enrolment: Bytes;
  readonly page: Bytes | null;
  readonly present: boolean;
  readonly host: Bytes | null;
  readonly answer: Bytes | null;
}

export interface RemovedPerson {
  readonly id: Bytes;
  readonly act: Bytes;
}

export interface RecordedPart {
  readonly number: number;
  readonly previous: Bytes | null;
  readonly offset: number;
  readonly arm: Bytes;
  readonly noticeVersion: number;
  readonly training: boolean;
  readonly vault: Bytes | null;
  /** Commitments: the vault's, then everyone's in header order. */
  readonly shares: readonly Bytes[];
  readonly slots: Bytes;
  readonly wraps: Bytes | null;
}

export interface GenerationContent {
  readonly meeting: Bytes;
  readonly generation: number;
  readonly previous: Bytes | null;
  readonly charter: Bytes;
  readonly committer: Bytes | null;
  /** The tag of E. */
  readonly secret: Bytes;
  readonly people: readonly GenerationPerson[];
  readonly removed: readonly RemovedPerson[];
  readonly recorded: RecordedPart | null;
  readonly at: number;
}

export interface GenerationHeader extends GenerationContent {
  /** H. */
  readonly digest: Bytes;
  /** P, which is known before H is. */
  readonly place: Bytes;
  readonly body: Bytes;
}

/** P of what a header says. */
export function placeOf(
  at: Pick<GenerationContent, "meeting" | "generation" | "previous" | "committer">,
): Bytes {
  return generationPlace(at.meeting, at.generation, at.previous, at.committer);
}

/** Those who are in with a page. */
export function pagesOf(header: GenerationContent): readonly GenerationPerson[] {
  return header.people.filter(({ page }) => page !== null);
}

/**
 * Those who have a `watch` box of it: "everyone with a `page`, and every person with `host` not
 * null"; in a relayed meeting everyone with `present`, and hosts.
 */
export function watchersOf(header: GenerationContent): readonly GenerationPerson[] {
  return header.people.filter(
    ({ page, present, host }) =>
      host !== null || (header.committer === null ? present : page !== null),
  );
}

export function personIn(header: GenerationContent, id: Bytes): GenerationPerson | undefined {
  return header.people.find((person) => equal(person.id, id));
}

/** The person whose page made it; undefined where the server did. */
export function committerOf({
  committer,
  people,
}: GenerationContent): GenerationPerson | undefined {
  if (committer === null) return undefined;
  return people.find(({ page }) => page !== null && equal(page, committer));
}

export function writeGeneration(header: GenerationContent): Bytes {
  const { recorded } = header;
  return write({
    type: GENERATION_TYPE,
    suite: SUITE_2,
    meeting: encode(header.meeting),
    generation: header.generation,
    previous: orNull(header.previous),
    charter: encode(header.charter),
    committer: orNull(header.committer),
    secret: encode(header.secret),
    people: header.people.map((person) => ({
      id: encode(person.id),
      enrolment: encode(person.enrolment),
      page: orNull(person.page),
      present: person.present,
      host: orNull(person.host),
      answer: orNull(person.answer),
    })),
    removed: header.removed.map(({ id, act }) => ({ id: encode(id), act: encode(act) })),
    recorded: recorded && {
      number: recorded.number,
      previous: orNull(recorded.previous),
      offset: recorded.offset,
      arm: encode(recorded.arm),
      notice_version: recorded.noticeVersion,
      training: recorded.training,
      vault: orNull(recorded.vault),
      shares: recorded.shares.map(encode),
      slots: encode(recorded.slots),
      wraps: orNull(recorded.wraps),
    },
    at: header.at,
  });
}

function orNull(bytes: Bytes | null): string | null {
  return bytes && encode(bytes);
}

/** Read a header without believing it. */
export async function parseGeneration(body: Bytes): Promise<GenerationHeader> {
  const fields = read(body, GENERATION_TYPE, MAX_BYTES, [
    "suite",
    "meeting",
    "generation",
    "previous",
    "charter",
    "committer",
    "secret",
    "people",
    "removed",
    "recorded",
    "at",
  ]);
  fields.exactly("suite", SUITE_2);
  const people = fields
    .children("people", ["id", "enrolment", "page", "present", "host", "answer"])
    .map(readPerson);
  const recorded = fields.childOrNull("recorded");
  const content: GenerationContent = {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    generation: fields.integer("generation", 1, MAX_GENERATION),
    previous: fields.bytesOrNull("previous", DIGEST_BYTES),
    charter: fields.bytes("charter", DIGEST_BYTES),
    committer: fields.bytesOrNull("committer", DIGEST_BYTES),
    secret: fields.bytes("secret", DIGEST_BYTES),
    people,
    removed: fields.children("removed", ["id", "act"]).map((each) => ({
      id: each.bytes("id", DIGEST_BYTES),
      act: each.bytes("act", DIGEST_BYTES),
    })),
    recorded: recorded && readRecorded(recorded, people.length),
    at: fields.integer("at"),
  };
  checkWhole(fields, content);
  return { ...content, digest: await digest(body), place: placeOf(content), body };
}

function readPerson(fields: Fields): GenerationPerson {
  const person = {
    id: fields.bytes("id", DIGEST_BYTES),
    enrolment: fields.bytes("enrolment", DIGEST_BYTES),
    page: fields.bytesOrNull("page", DIGEST_BYTES),
    present: fields.boolean("present"),
    host: fields.bytesOrNull("host", DIGEST_BYTES),
    answer: fields.bytesOrNull("answer", DIGEST_BYTES),
  };
  if (person.page !== null && !person.present) fields.fail("page", "is of somebody who is away");
  return person;
}

function readRecorded(fields: Fields, people: number): RecordedPart {
  fields.only([
    "number",
    "previous",
    "offset",
    "arm",
    "notice_version",
    "training",
    "vault",
    "shares",
    "slots",
    "wraps",
  ]);
  const recorded = {
    number: fields.integer("number", 1, MAX_NUMBER),
    previous: fields.bytesOrNull("previous", DIGEST_BYTES),
    offset: fields.integer("offset"),
    arm: fields.bytes("arm", DIGEST_BYTES),
    noticeVersion: fields.integer("notice_version", 1),
    training: fields.boolean("training"),
    vault: fields.bytesOrNull("vault", DIGEST_BYTES),
    shares: fields.bytesList("shares", DIGEST_BYTES),
    slots: fields.bytes("slots", DIGEST_BYTES),
    wraps: fields.bytesOrNull("wraps", DIGEST_BYTES),
  };
  const { training } = recorded;
  if ((recorded.number === 1) !== (recorded.previous === null)) {
    fields.fail("previous", "is there exactly where it is not the first");
  }
  if (training !== (recorded.vault !== null)) {
    fields.fail("vault", "must be there exactly where training is offered");
  }
  if (recorded.shares.length !== (training ? 1 + people : 0)) {
    fields.fail("shares", "are not one for the vault and one for each of people");
  }
  if (training !== (recorded.wraps !== null)) {
    fields.fail("wraps", "must be there exactly where training is offered");
  }
  return recorded;
}

/** What of a header must fit together. */
function checkWhole(fields: Fields, header: GenerationContent): void {
  const { people, removed, committer } = header;
  if (header.generation === 1 && header.previous !== null) {
    fields.fail("previous", "is a header before the first");
  }
  if (people.length === 0 || people.length > MOST_PEOPLE) {
    fields.fail("people", `are not 1 to ${MOST_PEOPLE}`);
  }
  if (!inOrder(people)) fields.fail("people", "are not ordered by id, each once");
  if (!people.some(({ present }) => present)) fields.fail("people", "are all away");
  const pages = people.flatMap(({ page }) => (page === null ? [] : [encode(page)]));
  if (new Set(pages).size !== pages.length) fields.fail("people", "have one page between them");
  // "`page` is … null for … everyone" "in relayed meetings", where there is no committer.
  if (committer === null && pages.length > 0) {
    fields.fail("people", "have pages, and none of them is the committer");
  }
  if (committer !== null && !pages.includes(encode(committer))) {
    fields.fail("committer", "is nobody's page");
  }
  if (!inOrder(removed)) fields.fail("removed", "are not ordered by id, each once");
  for (const { id } of removed) {
    const person = personIn(header, id);
    if (person === undefined) fields.fail("removed", "has somebody who was never in");
    // "None of them has `page`, `present` or `host`."
    if (person.present || person.host !== null) {
      fields.fail("removed", "has somebody who is in, or a host");
    }
  }
  if (header.recorded === null && people.some(({ answer }) => answer !== null)) {
    fields.fail("people", "have answers, and nothing is recorded");
  }
}

function inOrder(items: readonly { readonly id: Bytes }[]): boolean {
  return items.every(({ id }, at) => {
    const before = items[at - 1];
    return before === undefined || compare(before.id, id) < 0;
  });
}

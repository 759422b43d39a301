// What a page checks of a header before it accepts it, in the order and with the codes of
// FORMAT-2.md, section 6: "The first that fails is the `problem` of its acceptance; with a problem it
// sends nothing under it."
//
// Pure: what the page knows and what it was given go in, a problem or the opened secret comes out.
// Documents of others come in verified, each by the rules of section 5; what one of them is for, and
// whether it is the one that the header must have, is judged here.

import { type Bytes, encode, equal } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import { verify } from "../crypto/suite";
import type { Problem } from "./acceptance";
import { type GenerationBoxes, parseBoxes } from "./boxes";
import {
  committerOf,
  GENERATION_TYPE,
  type GenerationHeader,
  parseGeneration,
  personIn,
} from "./generation-header";
import { hasSeen, type Knowledge } from "./knowledge";
import { openSecret, type PairsForMe, sharesHold } from "./opening";
import type { PageDocument } from "./page-document";

/** What this page is, and what the meeting is. */
export interface OwnPage {
  readonly person: Bytes;
  readonly page: Bytes;
  readonly meeting: Bytes;
  readonly charter: {
    readonly digest: Bytes;
    readonly recording: boolean;
    readonly training: boolean;
    readonly waitingRoom: boolean;
    readonly noticeVersion: number;
  };
  /** The digest of the meeting's vault key; null where training is not offered. */
  readonly vault: Bytes | null;
  /** The newest answer that any page of this browser has signed: read when it is asked for. */
  readonly newestAnswer: () => { readonly digest: Bytes; readonly recording: string } | null;
}

/** Documents of others by digest, each signed by whom it says. */
export interface Evidence {
  readonly enrolment: (of: Bytes) => KnownEnrolment | undefined;
  /** The highest ordinal under which the HMAC of section 5 held for this enrolment; 0 for none. */
  readonly brought: (enrolment: Bytes) => number;
  readonly page: (of: Bytes) => PageDocument | undefined;
  readonly certificate: (of: Bytes) => KnownCertificate | undefined;
  readonly answer: (of: Bytes) => KnownAnswer | undefined;
}

export interface KnownEnrolment {
  readonly meeting: Bytes;
  readonly charter: Bytes;
  readonly person: Bytes;
  readonly sign: Bytes;
}

export interface KnownCertificate {
  readonly person: Bytes;
  readonly enrolment: Bytes;
}

export interface KnownAnswer {
  readonly person: Bytes;
  readonly recording: string;
}

/** What came with a header. `pairs` are the committer's pair keys for this page, opened before. */
export interface Given {
  readonly body: Bytes;
  readonly signature: Bytes;
  readonly boxes: Bytes;
  readonly pairs: PairsForMe;
}

export type Checked =
  | { readonly problem: Problem; readonly header: GenerationHeader | null }
  | { readonly problem: null; readonly header: GenerationHeader; readonly secret: Bytes };

export async function checkGeneration(
  known: Knowledge,
  evidence: Evidence,
  own: OwnPage,
  given: Given,
): Promise<Checked> {
  const header = await readOwn(given.body, own);
  if (header === null) return { problem: "bad-document", header };
  const problem =
    (await linkProblem(known, evidence, own, header, given.signature)) ??
    peopleProblem(known, evidence, own, header) ??
    recordingProblem(known, evidence, own, header);
  if (problem !== null) return { problem, header };
  let boxes: GenerationBoxes;
  let secret: Bytes;
  try {
    boxes = await parseBoxes(given.boxes, header);
    secret = await openSecret(header, boxes, own.person, given.pairs);
  } catch (error) {
    if (error instanceof CryptoError) return { problem: "bad-secret", header };
    throw error;
  }
  if (await hasSeen(known, secret, header.digest)) return { problem: "bad-secret", header };
  if (!sharesHold(header, boxes, own.person, secret, given.pairs)) {
    return { problem: "bad-share", header };
  }
  return { problem: null, header, secret };
}

/**
 * Check a header that this page was not in, or has missed, as far as it does not concern the page:
 * so it goes on from what it knew to what there is now. Returns the header, or the problem.
 */
export async function checkFollowed(
  known: Knowledge,
  evidence: Evidence,
  own: OwnPage,
  given: Pick<Given, "body" | "signature">,
): Promise<{ readonly problem: Problem | null; readonly header: GenerationHeader | null }> {
  const header = await readOwn(given.body, own);
  if (header === null) return { problem: "bad-document", header };
  return { problem: await linkProblem(known, evidence, own, header, given.signature), header };
}

/** "it is a header, of this meeting and this charter", which has been pinned as end to end. */
async function readOwn(body: Bytes, own: OwnPage): Promise<GenerationHeader | null> {
  let header: GenerationHeader;
  try {
    header = await parseGeneration(body);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
  const { charter } = own;
  const { recorded } = header;
  const ofThis =
    equal(header.meeting, own.meeting) &&
    equal(header.charter, charter.digest) &&
    header.committer !== null &&
    (recorded === null ||
      (recorded.training === charter.training &&
        recorded.noticeVersion === charter.noticeVersion &&
        same(recorded.vault, own.vault)));
  return ofThis ? header : null;
}

async function linkProblem(
  known: Knowledge,
  evidence: Evidence,
  own: OwnPage,
  header: GenerationHeader,
  signature: Bytes,
): Promise<Problem | null> {
  if (!isLinked(known, own, header)) return "not-linked";
  const committer = committerOf(header);
  const enrolment = committer && enrolmentOf(evidence, own, committer);
  if (committer === undefined || enrolment === undefined) return "bad-signature";
  try {
    await verify(enrolment.sign, GENERATION_TYPE, header.body, signature);
  } catch (error) {
    if (error instanceof CryptoError) return "bad-signature";
    throw error;
  }
  const { last } = known;
  // "where `previous` is not null, was present with a page in that one"
  if (last !== null && header.previous !== null) {
    if ((personIn(last, committer.id)?.page ?? null) === null) return "not-in";
  }
  for (const before of last?.people ?? []) {
    const now = personIn(header, before.id);
    if (now === undefined || !equal(now.enrolment, before.enrolment)) return "people-missing";
  }
  for (const { id } of last?.removed ?? []) {
    if (!isRemoved(header, id)) return "people-missing";
  }
  return null;
}

/** Numbers rise, and each header names the one before. */
function isLinked(known: Knowledge, own: OwnPage, header: GenerationHeader): boolean {
  const { last } = known;
  if (last !== null) {
    if (header.generation <= last.generation) return false;
    // A chain begins anew only where none is left of those who were in: not while this page is.
    const begins =
      header.previous === null && !last.people.some(({ page }) => same(page, own.page));
    if (!begins && !same(header.previous, last.digest)) return false;
  }
  const { recorded } = header;
  if (recorded === null || known.recorded === null) return true;
  return (
    recorded.number === known.recorded.number + 1 && same(recorded.previous, known.recorded.header)
  );
}

function peopleProblem(
  known: Knowledge,
  evidence: Evidence,
  own: OwnPage,
  header: GenerationHeader,
): Problem | null {
  const { people, removed } = header;
  const pages = people.filter(({ page }) => page !== null);
  if (people.some((person) => enrolmentOf(evidence, own, person) === undefined)) {
    return "not-brought";
  }
  // "they are the page's own person, or there is the HMAC … under the newest ordinal that the page
  // knows, or they were present in a header that it accepted and were not removed since"
  const isBrought = ({ id, enrolment }: (typeof people)[number]): boolean =>
    equal(id, own.person) ||
    known.met.has(encode(id)) ||
    evidence.brought(enrolment) >= known.ordinal;
  if (!pages.every(isBrought)) return "not-brought";
  if (own.charter.waitingRoom) {
    const isAdmitted = ({ id, enrolment, host }: (typeof people)[number]): boolean =>
      host !== null ||
      known.met.has(encode(id)) ||
      same(known.admitted.get(encode(id)) ?? null, enrolment);
    if (!pages.every(isAdmitted)) return "not-admitted";
  }
  for (const { id, act } of removed) {
    if (!known.removed.get(encode(id))?.some((one) => equal(one, act))) return "removed";
  }
  if (people.some(({ id }) => known.removed.has(encode(id)) && !isRemoved(header, id))) {
    return "removed";
  }
  for (const { id, page } of pages) {
    const document = page && evidence.page(page);
    const newest = known.pages.get(encode(id));
    if (
      !document ||
      !equal(document.person, id) ||
      !equal(document.meeting, own.meeting) ||
      !equal(document.charter, own.charter.digest) ||
      (newest !== undefined &&
        (document.sequence < newest.sequence ||
          (document.sequence === newest.sequence && !same(page, newest.digest))))
    ) {
      return "strange-page";
    }
  }
  if (!same(personIn(header, own.person)?.page ?? null, own.page)) return "strange-page";
  for (const { id, enrolment, host } of people) {
    if (host === null) continue;
    const certificate = evidence.certificate(host);
    if (
      certificate === undefined ||
      !equal(certificate.person, id) ||
      !equal(certificate.enrolment, enrolment)
    ) {
      return "not-a-host";
    }
  }
  return null;
}

function recordingProblem(
  known: Knowledge,
  evidence: Evidence,
  own: OwnPage,
  header: GenerationHeader,
): Problem | null {
  const { recorded, people } = header;
  if (recorded === null) return null;
  const { arm } = known;
  if (!own.charter.recording || !arm?.recording || !equal(arm.digest, recorded.arm)) {
    return "not-armed";
  }
  for (const { id, present, answer } of people) {
    if (!present) continue;
    const said = answer && evidence.answer(answer);
    const newest = known.answers.get(encode(id));
    if (!said || !equal(said.person, id) || said.recording !== "yes" || newest?.yes === false) {
      return "no-answer";
    }
  }
  const mine = own.newestAnswer();
  const named = personIn(header, own.person)?.answer ?? null;
  return mine?.recording === "yes" && same(named, mine.digest) ? null : "against-my-will";
}

function enrolmentOf(
  evidence: Evidence,
  own: OwnPage,
  person: { readonly id: Bytes; readonly enrolment: Bytes },
): KnownEnrolment | undefined {
  const found = evidence.enrolment(person.enrolment);
  const fits =
    found !== undefined &&
    equal(found.person, person.id) &&
    equal(found.meeting, own.meeting) &&
    equal(found.charter, own.charter.digest);
  return fits ? found : undefined;
}

function isRemoved(header: GenerationHeader, id: Bytes): boolean {
  return header.removed.some((each) => equal(each.id, id));
}

function same(one: Bytes | null, other: Bytes | null): boolean {
  return one === null || other === null ? one === other : equal(one, other);
}

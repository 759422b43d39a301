// Acceptances: a page has checked a header, and takes part under it (FORMAT-2.md, sections 5 and 11).
// There is nothing in one that whoever has the header does not know, so signatures alone travel.

import { type Bytes, encode, equal } from "../crypto/bytes";
import { read, write } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import {
  DIGEST_BYTES,
  digest,
  MEETING_BYTES,
  SIGNATURE_BYTES,
  type Signer,
  verify,
} from "../crypto/suite";
import { type GenerationHeader, pagesOf, personIn } from "./generation-header";

export const ACCEPT_TYPE = "assent/accept/v2";
const ACCEPTS_TYPE = "assent/accepts/v2";
const MAX_ACCEPT_BYTES = 1024;
const MAX_ACCEPTS_BYTES = 256 * 1024;

/** The codes of section 6, in the order in which a page checks. */
export const PROBLEMS = [
  "bad-document",
  "not-linked",
  "bad-signature",
  "not-in",
  "people-missing",
  "not-brought",
  "not-admitted",
  "removed",
  "strange-page",
  "not-a-host",
  "not-armed",
  "no-answer",
  "against-my-will",
  "bad-secret",
  "bad-share",
] as const;

export type Problem = (typeof PROBLEMS)[number];

export interface Acceptance {
  readonly meeting: Bytes;
  readonly person: Bytes;
  readonly page: Bytes;
  readonly generation: number;
  /** H. */
  readonly header: Bytes;
  readonly problem: Problem | null;
  readonly digest: Bytes;
}

/** Who has accepted a header, without a problem, as it is stored. */
export interface Acceptances {
  readonly header: Bytes;
  readonly accepts: readonly { readonly id: Bytes; readonly signature: Bytes }[];
  readonly digest: Bytes;
}

/** What the page of `person` says of `header`. Only who is in with a page can say anything. */
export function writeAcceptance(
  header: GenerationHeader,
  person: Bytes,
  problem: Problem | null = null,
): Bytes {
  const page = personIn(header, person)?.page ?? null;
  if (page === null) throw new FormatError("page", "is of nobody who is in");
  return write({
    type: ACCEPT_TYPE,
    meeting: encode(header.meeting),
    person: encode(person),
    page: encode(page),
    generation: header.generation,
    header: encode(header.digest),
    problem,
  });
}

/** Read an acceptance, or a refusal, without believing it. */
export async function parseAcceptance(body: Bytes): Promise<Acceptance> {
  const fields = read(body, ACCEPT_TYPE, MAX_ACCEPT_BYTES, [
    "meeting",
    "person",
    "page",
    "generation",
    "header",
    "problem",
  ]);
  return {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    person: fields.bytes("person", DIGEST_BYTES),
    page: fields.bytes("page", DIGEST_BYTES),
    generation: fields.integer("generation", 1),
    header: fields.bytes("header", DIGEST_BYTES),
    problem: fields.lineOrNull("problem", 40) === null ? null : fields.choice("problem", PROBLEMS),
    digest: await digest(body),
  };
}

export function signAcceptance(
  signer: Signer,
  header: GenerationHeader,
  person: Bytes,
  problem: Problem | null = null,
): Promise<Bytes> {
  return signer.sign(ACCEPT_TYPE, writeAcceptance(header, person, problem));
}

/** Rejects unless `person`, who enrolled with `sign`, has accepted `header`. */
export function verifyAcceptance(
  header: GenerationHeader,
  person: Bytes,
  sign: Bytes,
  signature: Bytes,
): Promise<void> {
  return verify(sign, ACCEPT_TYPE, writeAcceptance(header, person), signature);
}

/** Two pages' words that the server has shown them different headers under one number. */
export function provesFork(one: Acceptance, other: Acceptance): boolean {
  return (
    one.generation === other.generation &&
    equal(one.meeting, other.meeting) &&
    !equal(one.header, other.header) &&
    one.problem === null &&
    other.problem === null
  );
}

/** Read the acceptances of `header`, as stored, without believing them. */
export async function parseAcceptances(
  body: Bytes,
  header: GenerationHeader,
): Promise<Acceptances> {
  const fields = read(body, ACCEPTS_TYPE, MAX_ACCEPTS_BYTES, ["header", "accepts"]);
  if (!equal(fields.bytes("header", DIGEST_BYTES), header.digest)) {
    fields.fail("header", "is the digest of another header");
  }
  const accepts = fields.children("accepts", ["id", "signature"]).map((item) => ({
    id: item.bytes("id", DIGEST_BYTES),
    signature: item.bytes("signature", SIGNATURE_BYTES),
  }));
  const pages = pagesOf(header).map(({ id }) => encode(id));
  const given = accepts.map(({ id }) => encode(id));
  if (given.join() !== pages.filter((id) => given.includes(id)).join()) {
    fields.fail("accepts", "are not of people with a page, each once, in header order");
  }
  return { header: header.digest, accepts, digest: await digest(body) };
}

/** The same, each verified with the public key that `signOf` has of a person's enrolment. */
export async function verifyAcceptances(
  body: Bytes,
  header: GenerationHeader,
  signOf: (person: Bytes) => Bytes | null,
): Promise<Acceptances> {
  const found = await parseAcceptances(body, header);
  for (const { id, signature } of found.accepts) {
    const sign = signOf(id);
    if (sign === null) throw new FormatError("accepts", "are of somebody without an enrolment");
    await verifyAcceptance(header, id, sign, signature);
  }
  return found;
}

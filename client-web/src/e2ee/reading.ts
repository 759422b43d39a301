// Recorded generations as a reader judges them, one after the other: the player, and whoever checks a
// recording (FORMAT-2.md, sections 11 and 16). Documents of others come in verified, each by the rules
// of section 5; whether they are those that a header must have is judged here.

import { type Bytes, encode, equal } from "../crypto/bytes";
import { CryptoError, GenerationError } from "../crypto/errors";
import { verify } from "../crypto/suite";
import {
  committerOf,
  GENERATION_TYPE,
  type GenerationHeader,
  parseGeneration,
  personIn,
  type RecordedPart,
} from "./generation-header";

/** What charter and vault key say; the mode is the one that the link pins. */
export interface MeetingTerms {
  readonly meeting: Bytes;
  readonly charter: Bytes;
  readonly mode: "end-to-end" | "relayed";
  readonly recording: boolean;
  readonly training: boolean;
  readonly noticeVersion: number;
  readonly vault: Bytes | null;
  readonly server: Bytes;
}

/** What is known of others when a generation was opened; keys of maps are in base64url. */
export interface ChainEvidence {
  /** By digest. */
  readonly enrolments: ReadonlyMap<string, { readonly person: Bytes; readonly sign: Bytes }>;
  /** Who has a certificate under the room's host key. */
  readonly hosts: ReadonlySet<string>;
  /** By digest. */
  readonly arms: ReadonlyMap<
    string,
    { readonly by: Bytes; readonly recording: boolean; readonly logged: boolean }
  >;
  /** By person, their last answer of those logged before. */
  readonly answers: ReadonlyMap<string, { readonly digest: Bytes; readonly recording: string }>;
  /** Who was logged as let in before. */
  readonly admitted: readonly Bytes[];
}

export interface RecordedHeader extends GenerationHeader {
  readonly recorded: RecordedPart;
}

/** Return the header if it is the recorded one that follows `before`; else GenerationError. */
export async function checkRecorded(
  body: Bytes,
  signature: Bytes,
  before: RecordedHeader | null,
  terms: MeetingTerms,
  evidence: ChainEvidence,
): Promise<RecordedHeader> {
  const header = await readRecorded(body, terms);
  await checkSignature(header, signature, terms, evidence);
  // "of everyone logged as admitted at a lower index …, none is missing in `people`"
  if (!evidence.admitted.every((id) => personIn(header, id) !== undefined)) {
    throw new GenerationError("people-missing", "somebody who was let in is not named");
  }
  checkLink(header, before);
  const arm = evidence.arms.get(encode(header.recorded.arm));
  if (!arm?.recording || !arm.logged || !evidence.hosts.has(encode(arm.by))) {
    throw new GenerationError("not-armed", "no host has armed this recording");
  }
  for (const { id, present, answer } of header.people) {
    if (!present) continue;
    const last = evidence.answers.get(encode(id));
    if (!last || answer === null || !equal(last.digest, answer) || last.recording !== "yes") {
      throw new GenerationError("no-answer", "somebody who is present has not said yes");
    }
  }
  return header;
}

/** "each header is one, of this number, meeting and charter" */
export async function readRecorded(body: Bytes, terms: MeetingTerms): Promise<RecordedHeader> {
  let header: GenerationHeader;
  try {
    header = await parseGeneration(body);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new GenerationError("bad-document", "it is no header", { cause: error });
  }
  const { recorded } = header;
  if (
    recorded === null ||
    !terms.recording ||
    !equal(header.meeting, terms.meeting) ||
    !equal(header.charter, terms.charter) ||
    // "Where it is `end-to-end` … a `committer` of null MUST be refused by … player …"
    (header.committer === null) !== (terms.mode === "relayed") ||
    recorded.training !== terms.training ||
    recorded.noticeVersion !== terms.noticeVersion ||
    !same(recorded.vault, terms.vault)
  ) {
    throw new GenerationError("bad-document", "it is of another meeting or charter");
  }
  return { ...header, recorded };
}

/** "The mode of the charter, which the link pins, decides whose word counts." */
async function checkSignature(
  header: GenerationHeader,
  signature: Bytes,
  terms: MeetingTerms,
  evidence: ChainEvidence,
): Promise<void> {
  const committer = committerOf(header);
  let publicKey = terms.server;
  if (committer !== undefined) {
    const enrolled = evidence.enrolments.get(encode(committer.enrolment));
    if (!enrolled || !equal(enrolled.person, committer.id)) {
      throw new GenerationError("bad-signature", "the committer has not enrolled");
    }
    publicKey = enrolled.sign;
  }
  try {
    await verify(publicKey, GENERATION_TYPE, header.body, signature);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new GenerationError("bad-signature", "somebody else has signed it", { cause: error });
  }
}

/** "`recorded.previous` is the recorded one before", and nobody of that one is missing. */
function checkLink(header: RecordedHeader, before: RecordedHeader | null): void {
  const { recorded } = header;
  // "Only recorded generations are made there … So `previous` is `recorded.previous`."
  if (header.committer === null && !same(header.previous, recorded.previous)) {
    throw new GenerationError("not-linked", "it follows one that is not recorded");
  }
  const follows =
    before === null
      ? recorded.number === 1
      : same(recorded.previous, before.digest) &&
        recorded.number === before.recorded.number + 1 &&
        header.generation > before.generation;
  if (!follows) throw new GenerationError("not-linked", "it does not follow the one before");
  for (const { id, enrolment } of before?.people ?? []) {
    const now = personIn(header, id);
    if (now === undefined || !equal(now.enrolment, enrolment)) {
      throw new GenerationError("people-missing", "somebody of the one before is not named");
    }
  }
  for (const { id } of before?.removed ?? []) {
    if (!header.removed.some((each) => equal(each.id, id))) {
      throw new GenerationError("people-missing", "somebody who was removed is not named");
    }
  }
}

function same(one: Bytes | null, other: Bytes | null): boolean {
  return one === null || other === null ? one === other : equal(one, other);
}

// What a person signs: enrolment, answers, receipt requests (FORMAT.md, section 6).
//
// Each has a `make…` that writes and signs one, and answers and enrolments a `verify…` that believes
// one: the receipt page checks the whole chain that the server holds before it shows it.

import { type Bytes, encode, equal } from "./bytes";
import { type Charter, inForce } from "./charter";
import { read, write } from "./document";
import { FormatError, NoticeNotInForce, StaleStatement } from "./errors";
import type { PersonKeys } from "./keys";
import {
  BOX_BYTES,
  DIGEST_BYTES,
  digest,
  grantInfo,
  isXwingPublic,
  MEETING_BYTES,
  personId,
  seal,
  SUITE_2,
  verify,
  XWING_PUBLIC_BYTES,
} from "./suite";
import type { VaultKey } from "./vault-key";
import { mayFollow, type Will, WILLS } from "./will";

const ENROL_TYPE = "assent/enrol/v2";
const ANSWER_TYPE = "assent/answer/v2";
const RECEIPT_REQUEST_TYPE = "assent/receipt-request/v1";
const MAX_ENROL_BYTES = 8 * 1024;
const MAX_ANSWER_BYTES = 4 * 1024;

/** Exact bytes, and the signature over them. */
export interface Signed {
  readonly body: Bytes;
  readonly signature: Bytes;
}

/** The words a person was shown, and the client that showed them. */
export interface ShownNotice {
  readonly notice: Bytes;
  readonly language: string;
  readonly build: Bytes;
}

export interface Enrolment extends ShownNotice {
  readonly meeting: Bytes;
  readonly charter: Bytes;
  readonly sign: Bytes;
  readonly watch: Bytes;
  readonly train: Bytes;
  /** Digest of the name, with a salt that is kept beside it. */
  readonly name: Bytes;
  readonly at: number;
  readonly digest: Bytes;
  readonly person: Bytes;
}

export interface Answer extends ShownNotice {
  readonly meeting: Bytes;
  readonly person: Bytes;
  readonly sequence: number;
  readonly previous: Bytes;
  readonly recording: Will;
  readonly training: Will;
  readonly sealed: Bytes | null;
  readonly at: number;
  readonly digest: Bytes;
}

export interface SignedAnswer extends Signed {
  readonly answer: Answer;
  /** The sealed training seed, exactly where `training` is yes. */
  readonly sealed: Bytes | null;
}

// Writing.

export async function makeEnrolment(
  keys: PersonKeys,
  charter: Charter,
  shown: ShownNotice,
  name: Bytes,
  at: number,
): Promise<Signed> {
  const body = write({
    type: ENROL_TYPE,
    suite: SUITE_2,
    meeting: encode(keys.meeting),
    charter: encode(charter.digest),
    sign: encode(keys.sign.publicKey),
    watch: encode(keys.watch),
    train: encode(keys.train),
    name: encode(name),
    notice: encode(shown.notice),
    language: shown.language,
    build: encode(shown.build),
    at,
  });
  return { body, signature: await keys.sign.sign(ENROL_TYPE, body) };
}

export interface Wish {
  readonly recording: Will;
  readonly training: Will;
}

/**
 * Sign the person's whole will as the next answer of the chain. `vaultKey` must be given, verified,
 * where training is yes: the training seed is sealed to it.
 */
export async function makeAnswer(
  keys: PersonKeys,
  charter: Charter,
  enrolment: Enrolment,
  previous: Answer | null,
  wish: Wish,
  shown: ShownNotice,
  vaultKey: VaultKey | null,
  at: number,
): Promise<SignedAnswer> {
  let sealed: Bytes | null = null;
  if (wish.training === "yes") {
    if (vaultKey === null) throw new FormatError("training", "cannot be yes without a vault key");
    const info = grantInfo(keys.meeting, keys.person, shown.notice);
    sealed = await seal(vaultKey.key, keys.trainSecret, info);
  }
  const body = write({
    type: ANSWER_TYPE,
    suite: SUITE_2,
    meeting: encode(keys.meeting),
    person: encode(keys.person),
    sequence: previous === null ? 1 : previous.sequence + 1,
    previous: encode(previous === null ? enrolment.digest : previous.digest),
    recording: wish.recording,
    training: wish.training,
    notice: encode(shown.notice),
    language: shown.language,
    build: encode(shown.build),
    sealed: sealed === null ? null : encode(await digest(sealed)),
    left_out: null,
    at,
  });
  const signature = await keys.sign.sign(ANSWER_TYPE, body);
  // What a reader would refuse must not leave this browser.
  const answer = await verifyAnswer(body, signature, enrolment, charter, previous);
  return { body, signature, answer, sealed };
}

export async function makeReceiptRequest(keys: PersonKeys, at: number): Promise<Signed> {
  const body = write({
    type: RECEIPT_REQUEST_TYPE,
    meeting: encode(keys.meeting),
    person: encode(keys.person),
    at,
  });
  return { body, signature: await keys.sign.sign(RECEIPT_REQUEST_TYPE, body) };
}

// Reading.

export async function parseEnrolment(body: Bytes): Promise<Enrolment> {
  const fields = read(body, ENROL_TYPE, MAX_ENROL_BYTES, [
    "suite",
    "meeting",
    "charter",
    "sign",
    "watch",
    "train",
    "name",
    "notice",
    "language",
    "build",
    "at",
  ]);
  fields.exactly("suite", SUITE_2);
  const meeting = fields.bytes("meeting", MEETING_BYTES);
  const sign = fields.signPublic("sign");
  return {
    meeting,
    charter: fields.bytes("charter", DIGEST_BYTES),
    sign,
    watch: fields.bytes("watch", XWING_PUBLIC_BYTES),
    train: fields.bytes("train", XWING_PUBLIC_BYTES),
    name: fields.bytes("name", DIGEST_BYTES),
    notice: fields.bytes("notice", DIGEST_BYTES),
    language: fields.language("language"),
    build: fields.bytes("build", DIGEST_BYTES),
    at: fields.integer("at"),
    digest: await digest(body),
    person: await personId(meeting, sign),
  };
}

export async function parseAnswer(body: Bytes): Promise<Answer> {
  const fields = read(body, ANSWER_TYPE, MAX_ANSWER_BYTES, [
    "suite",
    "meeting",
    "person",
    "sequence",
    "previous",
    "recording",
    "training",
    "notice",
    "language",
    "build",
    "sealed",
    "left_out",
    "at",
  ]);
  fields.exactly("suite", SUITE_2);
  const recording = fields.choice("recording", WILLS);
  const training = fields.choice("training", WILLS);
  const sealed = fields.bytesOrNull("sealed", DIGEST_BYTES);
  // "`training` "yes" MUST come with `recording` "yes"."
  if (training === "yes" && recording !== "yes") {
    fields.fail("training", "is yes without a yes to recording");
  }
  // "`sealed` is the digest … exactly when `training` is "yes", and null otherwise."
  if ((sealed !== null) !== (training === "yes")) {
    fields.fail("sealed", "must go with a yes to training, and with nothing else");
  }
  // "`left_out` is null, or, with a yes to training, an empty list."
  fields.nothingListed("left_out", training === "yes");
  return {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    person: fields.bytes("person", DIGEST_BYTES),
    sequence: fields.integer("sequence", 1),
    previous: fields.bytes("previous", DIGEST_BYTES),
    recording,
    training,
    notice: fields.bytes("notice", DIGEST_BYTES),
    language: fields.language("language"),
    build: fields.bytes("build", DIGEST_BYTES),
    sealed,
    at: fields.integer("at"),
    digest: await digest(body),
  };
}

// Believing.

/** Believe somebody else's enrolment, to whose keys nothing is sealed here. */
export async function believeEnrolment(
  body: Bytes,
  signature: Bytes,
  charter: Charter,
): Promise<Enrolment> {
  const enrolment = await parseEnrolment(body);
  await checkEnrolment(enrolment, body, signature, charter);
  return enrolment;
}

export async function verifyEnrolment(
  body: Bytes,
  signature: Bytes,
  charter: Charter,
): Promise<Enrolment> {
  const enrolment = await parseEnrolment(body);
  for (const name of ["watch", "train"] as const) {
    if (!(await isXwingPublic(enrolment[name]))) {
      throw new FormatError(name, "is not a key that can be sealed to");
    }
  }
  await checkEnrolment(enrolment, body, signature, charter);
  return enrolment;
}

async function checkEnrolment(
  enrolment: Enrolment,
  body: Bytes,
  signature: Bytes,
  charter: Charter,
): Promise<void> {
  if (!equal(enrolment.meeting, charter.meeting)) {
    throw new FormatError("meeting", "is another meeting");
  }
  if (!equal(enrolment.charter, charter.digest)) {
    throw new FormatError("charter", "is not the charter of the meeting");
  }
  await verify(enrolment.sign, ENROL_TYPE, body, signature);
  if (!inForce(charter, enrolment.notice)) throw new NoticeNotInForce("notice", "is not in force");
}

/** Believe an answer that this person may give after `previous`; its box is looked at elsewhere. */
export async function verifyAnswer(
  body: Bytes,
  signature: Bytes,
  enrolment: Enrolment,
  charter: Charter,
  previous: Answer | null,
): Promise<Answer> {
  const answer = await parseAnswer(body);
  if (!equal(answer.meeting, charter.meeting) || !equal(answer.meeting, enrolment.meeting)) {
    throw new FormatError("meeting", "is another meeting");
  }
  if (!equal(answer.person, enrolment.person)) {
    throw new FormatError("person", "is another person");
  }
  await verify(enrolment.sign, ANSWER_TYPE, body, signature);
  // "A reader MUST reject a gap, a repetition or a chain that does not link."
  if (answer.sequence !== (previous === null ? 1 : previous.sequence + 1)) {
    throw new StaleStatement("sequence", "does not follow the last answer");
  }
  if (!equal(answer.previous, previous === null ? enrolment.digest : previous.digest)) {
    throw new StaleStatement("previous", "is not the digest of what was said before");
  }
  if (!inForce(charter, answer.notice)) throw new NoticeNotInForce("notice", "is not in force");
  checkWills(answer, charter, previous);
  return answer;
}

/** Check that `sealed` is the box that the answer names, or that both are none. */
export async function checkSealed(answer: Answer, sealed: Bytes | null): Promise<void> {
  if ((sealed === null) !== (answer.sealed === null)) {
    throw new FormatError("sealed", "must come with a yes to training, and with nothing else");
  }
  if (sealed === null || answer.sealed === null) return;
  if (sealed.length !== BOX_BYTES) throw new FormatError("sealed", `is not ${BOX_BYTES} bytes`);
  if (!equal(await digest(sealed), answer.sealed)) {
    throw new FormatError("sealed", "is not the digest of the box");
  }
}

function checkWills(answer: Answer, charter: Charter, previous: Answer | null): void {
  // "What the charter does not offer MUST stay "unanswered"."
  for (const purpose of ["recording", "training"] as const) {
    if (!charter[purpose] && answer[purpose] !== "unanswered") {
      throw new FormatError(purpose, "is not asked in this meeting");
    }
    if (!mayFollow(purpose, previous?.[purpose] ?? "unanswered", answer[purpose])) {
      throw new FormatError(purpose, "cannot follow what was said before");
    }
  }
}

// What the records of a receipt say, taken one by one and together (FORMAT.md, section 14.1, `records`).

import { type Bytes, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { FormatError, SignatureError } from "../crypto/errors";
import type { Answer, Enrolment } from "../crypto/statement";
import { digest, verify } from "../crypto/suite";
import { advance, type LoggedRecord, NOTHING_YET } from "./course";
import { Fails } from "./fails";
import type { EntryPart, ReceiptFile } from "./receipt-file";
import { type LogRecord, parseRecord, signerOf } from "./records";

interface Facts {
  readonly charter: Charter;
  readonly enrolment: Enrolment;
  readonly answers: readonly Answer[];
}

/** Each record is looked at by itself, then where they stand, then what there must be, then the course. */
export async function checkRecords(file: ReceiptFile, facts: Facts): Promise<LoggedRecord[]> {
  const own: LoggedRecord[] = [];
  for (const [number, { entry }] of file.statements.entries()) {
    const record = await open(
      entry,
      facts.charter,
      (kind) => kind === (number === 0 ? "enrolled" : "answered"),
    );
    if (!saysOfStatement(record, number, facts)) throw new Fails("mismatch");
    own.push({ index: entry.index, record, digest: await digest(entry.record) });
  }
  const others: LoggedRecord[] = [];
  let vault = facts.charter.vault;
  for (const entry of file.entries) {
    const keys = { vault, server: facts.charter.server };
    const record = await open(entry, keys, (kind) => kind !== "enrolled" && kind !== "answered");
    if (record.kind === "adopted") vault = record.vault;
    if (!saysOfMeeting(record, facts)) throw new Fails("mismatch");
    others.push({ index: entry.index, record, digest: await digest(entry.record) });
  }
  checkIndices(own, others);
  checkCompleteness(others);
  const every = [...own, ...others];
  every
    .toSorted((one, two) => one.index - two.index)
    .reduce((past, now) => advance(past, now, facts), NOTHING_YET);
  return every;
}

async function open(
  { record: body, signature }: EntryPart,
  { server, vault }: { readonly server: Bytes; readonly vault: Bytes },
  belongs: (kind: LogRecord["kind"]) => boolean,
): Promise<LogRecord> {
  let record: LogRecord;
  try {
    record = parseRecord(body);
  } catch (error) {
    if (error instanceof FormatError) throw new Fails("bad-document");
    throw error;
  }
  if (!belongs(record.kind)) throw new Fails("bad-document");
  const signer = signerOf(record.kind);
  if ((signer !== null) !== (signature !== null)) throw new Fails("bad-signature");
  if (signer !== null && signature !== null) {
    // Who takes a meeting over signs for it, and for all that comes after.
    const ofVault = record.kind === "adopted" ? record.vault : vault;
    const key = signer === "server" ? server : ofVault;
    await verify(key, record.type, body, signature).catch((error: unknown) => {
      throw error instanceof SignatureError ? new Fails("bad-signature") : error;
    });
  }
  return record;
}

function saysOfStatement(record: LogRecord, number: number, facts: Facts): boolean {
  const { answers, charter, enrolment } = facts;
  if (record.kind !== "enrolled" && record.kind !== "answered") return false;
  if (!equal(record.meeting, charter.meeting) || !equal(record.person, enrolment.person)) {
    return false;
  }
  if ("enrolment" in record) return equal(record.enrolment, enrolment.digest);
  const answer = answers[number - 1];
  return record.sequence === answer?.sequence && equal(record.answer, answer.digest);
}

/** Whether a record, whatever the others say, is of this person's part of this meeting. */
function saysOfMeeting(record: LogRecord, { charter, enrolment }: Facts): boolean {
  if (record.kind === "notice") {
    return record.version === charter.noticeVersion && sameTexts(record.texts, charter.notices);
  }
  if (!equal(record.meeting, charter.meeting)) return false;
  switch (record.kind) {
    case "meeting":
      return equal(record.charter, charter.digest);
    case "admitted":
      return equal(record.person, enrolment.person) && equal(record.enrolment, enrolment.digest);
    case "host":
    case "removed":
    case "withdrawn":
      return equal(record.person, enrolment.person);
    case "revoked":
    case "erased":
      return record.person === null || equal(record.person, enrolment.person);
    case "armed":
    case "generation-opened":
    case "generation-closed":
    case "slot-lost":
    case "ended":
    case "released":
    case "exported":
    case "adopted":
    case "destroyed":
      return true;
    case "enrolled":
    case "answered":
      return false;
  }
}

function sameTexts(left: ReadonlyMap<string, Bytes>, right: ReadonlyMap<string, Bytes>): boolean {
  return (
    left.size === right.size &&
    [...left].every(([language, found]) => {
      const expected = right.get(language);
      return expected !== undefined && equal(found, expected);
    })
  );
}

function checkIndices(own: readonly LoggedRecord[], others: readonly LoggedRecord[]): void {
  const all = [...own, ...others].map(({ index }) => index);
  if (!ascends(own) || !ascends(others) || new Set(all).size !== all.length) {
    throw new Fails("out-of-order");
  }
}

function ascends(records: readonly LoggedRecord[]): boolean {
  return records.every(({ index }, at) => at === 0 || (records[at - 1]?.index ?? 0) < index);
}

/** What there must be. What was recorded concerns nobody who was never let in. */
function checkCompleteness(others: readonly LoggedRecord[]): void {
  const kinds = new Set(others.map(({ record }) => record.kind));
  const always = kinds.has("notice") && kinds.has("meeting");
  if (!always || (kinds.size > 2 && !kinds.has("admitted"))) throw new Fails("missing");
}

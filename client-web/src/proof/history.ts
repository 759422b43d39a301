// What the records of a receipt say, taken one by one and together (FORMAT.md, section 14.1, `records`).

import { type Bytes, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { FormatError, SignatureError } from "../crypto/errors";
import type { Answer, Enrolment } from "../crypto/statement";
import { verify } from "../crypto/suite";
import { Fails } from "./fails";
import type { EntryPart, ReceiptFile } from "./receipt-file";
import { isOfVault, type LogRecord, parseRecord } from "./records";

export interface LoggedRecord {
  readonly index: number;
  readonly record: LogRecord;
}

interface Facts {
  readonly charter: Charter;
  readonly enrolment: Enrolment;
  readonly answers: readonly Answer[];
}

export async function checkRecords(file: ReceiptFile, facts: Facts): Promise<LoggedRecord[]> {
  const own: LoggedRecord[] = [];
  for (const [number, { entry }] of file.statements.entries()) {
    const record = await open(
      entry,
      facts,
      (kind) => kind === (number === 0 ? "enrolled" : "answered"),
    );
    if (!saysOfStatement(record, number, facts)) throw new Fails("mismatch");
    own.push({ index: entry.index, record });
  }
  const others: LoggedRecord[] = [];
  for (const entry of file.entries) {
    const record = await open(entry, facts, (kind) => kind !== "enrolled" && kind !== "answered");
    if (!saysOfMeeting(record, entry.index, others, facts)) throw new Fails("mismatch");
    others.push({ index: entry.index, record });
  }
  checkOrder(own, others);
  checkNumbers(others);
  return [...own, ...others];
}

async function open(
  { record: body, signature }: EntryPart,
  { charter }: Facts,
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
  if (isOfVault(record.kind) !== (signature !== null)) throw new Fails("bad-signature");
  if (signature !== null) {
    await verify(charter.vault, record.type, body, signature).catch((error: unknown) => {
      throw error instanceof SignatureError ? new Fails("bad-signature") : error;
    });
  }
  return record;
}

function saysOfStatement(record: LogRecord, number: number, facts: Facts): boolean {
  const { answers, charter, enrolment } = facts;
  if (record.kind === "enrolled") {
    return (
      equal(record.meeting, charter.meeting) &&
      equal(record.person, enrolment.person) &&
      equal(record.enrolment, enrolment.digest)
    );
  }
  const answer = answers[number - 1];
  return record.kind === "answered" && answer !== undefined && isOf(record, answer, facts);
}

function isOf(
  record: Extract<LogRecord, { answer: Bytes }>,
  answer: Answer,
  { charter, enrolment }: Facts,
): boolean {
  return (
    equal(record.meeting, charter.meeting) &&
    equal(record.person, enrolment.person) &&
    record.sequence === answer.sequence &&
    equal(record.answer, answer.digest)
  );
}

function saysOfMeeting(
  record: LogRecord,
  index: number,
  before: readonly LoggedRecord[],
  facts: Facts,
): boolean {
  const { answers, charter, enrolment } = facts;
  if (record.kind === "notice") {
    return record.version === charter.noticeVersion && sameTexts(record.texts, charter.notices);
  }
  if (!equal(record.meeting, charter.meeting)) return false;
  switch (record.kind) {
    case "meeting":
      return equal(record.charter, charter.digest);
    case "admitted":
      return equal(record.person, enrolment.person) && equal(record.enrolment, enrolment.digest);
    case "withdrawn":
      return answers.some(
        (answer) =>
          (answer.recording === "withdrawn" || answer.training === "withdrawn") &&
          isOf(record, answer, facts),
      );
    case "erased":
      return record.person === null || equal(record.person, enrolment.person);
    case "released":
    case "exported":
      return record.size <= index;
    case "epoch-closed":
      return before.every(
        ({ record: other }) =>
          other.kind !== "epoch-opened" ||
          other.epoch !== record.epoch ||
          equal(other.header, record.header),
      );
    case "epoch-opened":
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

function checkOrder(own: readonly LoggedRecord[], others: readonly LoggedRecord[]): void {
  const all = [...own, ...others].map(({ index }) => index);
  const enrolled = own[0]?.index ?? 0;
  const inOrder =
    ascends(own) &&
    ascends(others) &&
    new Set(all).size === all.length &&
    others.every(({ index, record }) => {
      if (record.kind === "meeting") return index < enrolled;
      if (record.kind === "admitted") return index > enrolled;
      if (record.kind !== "epoch-closed") return true;
      return others.some(
        ({ index: before, record: other }) =>
          other.kind === "epoch-opened" && other.epoch === record.epoch && before < index,
      );
    });
  if (!inOrder) throw new Fails("out-of-order");
}

function ascends(records: readonly LoggedRecord[]): boolean {
  return records.every(({ index }, at) => at === 0 || (records[at - 1]?.index ?? 0) < index);
}

function checkNumbers(records: readonly LoggedRecord[]): void {
  const count = (kind: LogRecord["kind"]): number =>
    records.filter(({ record }) => record.kind === kind).length;
  const epochs = (kind: "epoch-opened" | "epoch-closed"): number[] =>
    records.flatMap(({ record }) => (record.kind === kind ? [record.epoch] : []));
  const closed = epochs("epoch-closed");
  const complete =
    count("notice") === 1 &&
    count("meeting") === 1 &&
    count("admitted") <= 1 &&
    count("destroyed") <= 1 &&
    epochs("epoch-opened").every((epoch, at) => epoch === at + 1) &&
    new Set(closed).size === closed.length;
  if (!complete) throw new Fails("missing");
}

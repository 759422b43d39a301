// The course of events that a receipt tells: one state machine over the row of its entries (FORMAT.md,
// section 14.1). All entries are merged into one row by their indices, and taken one after the other; of
// each kind of record one function says whether it may come after what has come before, and what is so
// then. Conditions are in the order of the format's table: the first that does not hold has its code.

import { type Bytes, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import type { Answer } from "../crypto/statement";
import { Fails } from "./fails";
import type { Kind, LogRecord, Purpose } from "./records";

export interface LoggedRecord {
  readonly index: number;
  readonly record: LogRecord;
  /** Of the record's exact bytes. */
  readonly digest: Bytes;
}

/** What the row is held against: the charter, and the answers, which are signed and chained. */
export interface Said {
  readonly charter: Charter;
  readonly answers: readonly Answer[];
}

/** What has come before, as far as anything that comes later depends on it. */
export interface Past {
  /** Of the last record. */
  readonly index: number;
  /** Kinds of which something has come. */
  readonly seen: ReadonlySet<Kind>;
  /** When each of the answers was logged, in order. */
  readonly answered: readonly number[];
  readonly acts: readonly { readonly digest: Bytes; readonly act: Of<"revoked"> }[];
  /** The digests of acts of hosts. */
  readonly hostActs: readonly Bytes[];
  /** The header of each generation, from the first on. */
  readonly opened: readonly Bytes[];
  readonly closed: readonly number[];
  readonly released: Of<"released"> | null;
  /** The data sets that the meeting is in. */
  readonly exports: readonly Bytes[];
  /** The digests of the answers and acts that were carried out. */
  readonly carriedOut: readonly Bytes[];
  /** Through which generation the person's part is taken away; null while it is not. */
  readonly clearing: number | null;
  readonly erasedEveryone: boolean;
}

/** The records of a kind. */
type Of<K extends Kind, R = LogRecord> = R extends { readonly kind: infer Own }
  ? K extends Own
    ? R
    : never
  : never;

export const NOTHING_YET: Past = {
  index: -1,
  seen: new Set(),
  answered: [],
  acts: [],
  hostActs: [],
  opened: [],
  closed: [],
  released: null,
  exports: [],
  carriedOut: [],
  clearing: null,
  erasedEveryone: false,
};

/** What has come before what follows `now`; throws Fails where it cannot come now. */
export function advance(past: Past, now: LoggedRecord, said: Said): Past {
  const { index, record } = now;
  const seen = past.seen.has(record.kind) ? past.seen : new Set([...past.seen, record.kind]);
  return { ...past, ...changes(past, now, said), index, seen };
}

function changes(past: Past, { digest, index, record }: LoggedRecord, said: Said): Partial<Past> {
  switch (record.kind) {
    case "notice":
    case "ended":
      return once(past, record.kind);
    case "meeting":
      once(past, record.kind);
      return order(past.seen.has("notice"));
    case "enrolled":
      return order(past.seen.has("meeting"));
    case "admitted":
      once(past, record.kind);
      order(past.seen.has("enrolled"));
      return order(!past.seen.has("ended"));
    case "answered":
      return { answered: [...past.answered, record.at] };
    case "revoked":
      return revoked(past, record, digest);
    case "host":
      once(past, record.kind);
      order(past.seen.has("enrolled"));
      return order(!past.seen.has("ended"));
    case "armed":
      return hostActed(past, record.act, "meeting");
    case "removed":
      return hostActed(past, record.act, "enrolled");
    case "generation-opened":
      return opened(past, record, said);
    case "generation-closed":
      return closed(past, record);
    case "slot-lost":
      return lost(past, record);
    case "released":
      return released(past, record, index, said);
    case "exported":
      return exported(past, record, index, said);
    case "withdrawn":
      return withdrawn(past, record, said);
    case "erased":
      return erased(past, record);
    case "destroyed":
      return destroyed(past, record);
    case "adopted":
      return order(past.seen.has("meeting"));
  }
}

function revoked(past: Past, act: Of<"revoked">, digest: Bytes): Partial<Past> {
  if (act.person === null) {
    order(past.seen.has("meeting"));
  } else {
    order(past.seen.has("admitted"));
    same(act.sequence === past.answered.length);
  }
  return { acts: [...past.acts, { digest, act }] };
}

/** An act of a host, which can come after a record of the kind that it is about. */
function hostActed(past: Past, act: Bytes, after: Kind): Partial<Past> {
  unless(!past.hostActs.some((one) => equal(one, act)), "missing");
  order(past.seen.has(after));
  order(!past.seen.has("ended"));
  return { hostActs: [...past.hostActs, act] };
}

function opened(
  past: Past,
  { committer, header, number }: Of<"generation-opened">,
  { charter }: Said,
): Partial<Past> {
  unless(number === past.opened.length + 1, "missing");
  order(past.seen.has("meeting"));
  // "`arm` is the newest `arm` act": without one no header can be made.
  order(past.seen.has("armed"));
  order(!past.seen.has("ended"));
  same(charter.recording);
  // "Where it is `relayed`: `committer` is null, [...] there are no acceptances".
  same(committer === null);
  return { opened: [...past.opened, header] };
}

function closed(past: Past, { accepts, header, number }: Of<"generation-closed">): Partial<Past> {
  unless(!past.closed.includes(number), "missing");
  const opening = past.opened[number - 1];
  if (opening === undefined) throw new Fails("out-of-order");
  same(equal(opening, header));
  same(accepts === null);
  return { closed: [...past.closed, number] };
}

function lost(past: Past, { header }: Of<"slot-lost">): Partial<Past> {
  // What can be lost was handed over to be opened.
  order(past.released !== null);
  order(!past.seen.has("destroyed"));
  return same(past.opened.some((one) => equal(one, header)));
}

function released(past: Past, record: Of<"released">, index: number, said: Said): Partial<Past> {
  const last = openGate(past, record.size, index, said);
  // Subtracted, for a sum could be above what a number holds exactly.
  same(record.readyAt - said.charter.coolingOffSeconds * 1000 >= last);
  return { released: record };
}

function exported(past: Past, record: Of<"exported">, index: number, said: Said): Partial<Past> {
  unless(!past.exports.some((one) => equal(one, record.exportId)), "missing");
  openGate(past, record.size, index, said);
  if (past.released === null) throw new Fails("out-of-order");
  same(equal(record.evidence, past.released.evidence));
  same(record.at >= past.released.readyAt);
  return { exports: [...past.exports, record.exportId] };
}

/** Require what the gate requires, as far as it is seen here; returns when the last yes was logged. */
function openGate(past: Past, size: number, index: number, said: Said): number {
  same(said.charter.training);
  order(past.seen.has("ended"));
  order(past.opened.length > 0 && allClosed(past, past.opened.length));
  const answers = said.answers.slice(0, past.answered.length);
  const last = past.answered.at(-1);
  if (last === undefined || answers.at(-1)?.training !== "yes") throw new Fails("out-of-order");
  order(answers.every((one) => one.recording !== "withdrawn" && one.training !== "withdrawn"));
  order(!past.seen.has("revoked"));
  order(!past.seen.has("adopted"));
  order(!past.seen.has("destroyed"));
  // Decided at a head that has all that came before, and nothing that is yet to come.
  same(past.index < size && size <= index);
  return last;
}

function withdrawn(past: Past, record: Of<"withdrawn">, said: Said): Partial<Past> {
  unless(!past.carriedOut.some((one) => equal(one, record.answer)), "missing");
  order(past.seen.has("admitted"));
  const takesRecording = carriedOut(past, record, said).includes("recording");
  return {
    carriedOut: [...past.carriedOut, record.answer],
    clearing: past.clearing ?? (takesRecording ? past.opened.length : null),
  };
}

/** What the answer or act takes back that the vault says it has carried out. */
function carriedOut(past: Past, record: Of<"withdrawn">, { answers }: Said): readonly Purpose[] {
  const at = answers.findIndex(
    ({ digest, sequence }) => sequence === record.sequence && equal(digest, record.answer),
  );
  const [answer, before] = [answers[at], answers[at - 1]];
  if (answer !== undefined) {
    const taken = (["recording", "training"] as const).filter(
      (purpose) => answer[purpose] === "withdrawn" && before?.[purpose] !== "withdrawn",
    );
    same(taken.length > 0);
    order(at < past.answered.length);
    return taken;
  }
  const found = past.acts.find(({ digest }) => equal(digest, record.answer));
  if (found === undefined) throw new Fails("mismatch");
  const { person, purpose, sequence } = found.act;
  same(person !== null && equal(person, record.person) && sequence === record.sequence);
  return [purpose];
}

function erased(past: Past, { person }: Of<"erased">): Partial<Past> {
  if (person === null) {
    unless(!past.erasedEveryone, "missing");
    order(past.seen.has("destroyed"));
    return { erasedEveryone: true };
  }
  return order(past.clearing !== null && allClosed(past, past.clearing));
}

function destroyed(past: Past, { kind, reason }: Of<"destroyed">): Partial<Past> {
  once(past, kind);
  // Of what was not exported no record is left that could be in a receipt.
  order(past.exports.length > 0);
  return order(reason !== "deleted" || past.acts.some(({ act }) => act.person === null));
}

/** Whether the generations from the first to `last` are closed. */
function allClosed({ closed }: Past, last: number): boolean {
  const found = new Set(closed);
  return Array.from({ length: last }, (_, at) => at + 1).every((number) => found.has(number));
}

function unless(holds: boolean, code: "missing" | "out-of-order" | "mismatch"): Partial<Past> {
  if (!holds) throw new Fails(code);
  return {};
}

const once = (past: Past, kind: Kind): Partial<Past> => unless(!past.seen.has(kind), "missing");
const order = (holds: boolean): Partial<Past> => unless(holds, "out-of-order");
const same = (holds: boolean): Partial<Past> => unless(holds, "mismatch");

// One visit: what the log and a receipt show now is held against what this browser has kept, and what
// agrees is kept from then on. What does not agree is kept, too, and stays until its person forgets it.
//
// A server that is away, or does not show what it takes to compare, has shown nothing: that is neither.

import { Refused } from "../api/errors";
import type { SignedDocument } from "../api/types";
import { type Bytes, decode, encode } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import type { KeptDisagreement, Remembered } from "../store/remembered";
import {
  compareHeads,
  compareStatements,
  type Disagreement,
  type Head,
  readHead,
  type LoggedStatements,
} from "./agreement";
import type { Receipt } from "./check";
import type { SignedPart } from "./receipt-file";
import type { LogRecord } from "./records";
import { Malformed } from "./text";
import type { Fetch } from "./tiles";

export interface Means {
  readonly store: Remembered;
  /** Fetch the note of the log's newest head, past all caches; rejects with Refused. */
  checkpoint(): Promise<string>;
  /** Fetch a tile of the log; rejects with Refused. */
  readonly tile: Fetch;
  /** This browser's own clock. */
  now(): number;
  /** Wait until no cache between here and the server can still have an older head. */
  settle(): Promise<void>;
}

/** What came of holding the log's heads against the one that was kept. */
export type Heads =
  /** Nothing had been kept. */
  | { readonly at: "first"; readonly size: number }
  /** The log has only been added to, from so many entries to so many, since then. */
  | { readonly at: "agrees"; readonly since: number; readonly from: number; readonly size: number }
  | { readonly at: "disagrees" }
  /** Nothing was compared: the server did not answer, or did not show what that takes. */
  | { readonly at: "not-compared"; readonly why: "unreachable" | "withheld" };

export interface Visit {
  /** The server's key, base64url. */
  readonly server: string;
  readonly heads: Heads;
  /** So many acknowledgements were kept and are so; null where they were not looked at. */
  readonly acknowledged: number | null;
  /** All that was ever found, of the log and of the person. */
  readonly disagreements: readonly KeptDisagreement[];
}

/** What of a receipt is compared. */
export interface Told extends Pick<Receipt, "acknowledgements" | "head" | "vouched"> {
  readonly enrolment: { readonly digest: Bytes };
  readonly answers: readonly { readonly digest: Bytes }[];
  readonly records: readonly { readonly record: Pick<LogRecord, "kind"> }[];
}

/** Whom a visit is about; the receipt is null where none was shown that holds. */
export interface Visitor {
  readonly id: string;
  readonly server: Bytes;
  readonly receipt: Told | null;
}

/** A head as it was shown: the note, and what the server vouches for its log with. */
interface ShownHead {
  readonly log: SignedDocument;
  readonly note: string;
}

/** Whenever another page keeps a head meanwhile, it is compared anew; not for ever. */
const MOST_TRIES = 8;

/** Compare the newest head with the one that was kept, and keep it where it agrees. */
export async function visitLog(
  server: Bytes,
  log: SignedDocument,
  means: Means,
): Promise<{ heads: Heads; disagreements: readonly KeptDisagreement[] }> {
  const heads = await newest(server, log, means);
  const kept = await means.store.log(encode(server));
  return { heads, disagreements: kept?.disagreements ?? [] };
}

/** The same, and what the receipt says with the acknowledgements that were kept. */
export async function visit(
  { id, receipt, server }: Visitor,
  log: SignedDocument,
  means: Means,
): Promise<Visit> {
  const name = encode(server);
  let heads: Heads | null = null;
  let acknowledged: number | null = null;
  if (receipt !== null) {
    const shown = { log: wire(receipt.vouched), note: receipt.head.note };
    heads = await follow(server, () => Promise.resolve(shown), means, compareEither);
    acknowledged = await compareReceipt(id, server, receipt, heads, means);
  }
  // The receipt's head is the older one: it was asked for first.
  const latest = heads?.at === "disagrees" ? heads : await newest(server, log, means);
  const person = await means.store.person(id);
  const kept = await means.store.log(name);
  return {
    server: name,
    heads: joined(heads, latest),
    acknowledged,
    disagreements: [...(kept?.disagreements ?? []), ...(person?.disagreements ?? [])],
  };
}

/**
 * The same for somebody of whom the server shows no receipt; `denied`: it says that there is nobody.
 * Null where nothing was kept of them.
 */
export async function visitWithout(
  id: string,
  denied: boolean,
  log: SignedDocument,
  means: Means,
): Promise<Visit | null> {
  const person = await means.store.person(id);
  if (person === null) return null;
  // Whoever was never let in is forgotten by an honest server, too.
  if (denied && person.admitted) {
    const missing = compareStatements(person.acknowledgements, null);
    await means.store.disputePerson(id, missing, means.now());
  }
  return await visit({ id, server: decode(person.server), receipt: null }, log, means);
}

function joined(first: Heads | null, then: Heads): Heads {
  if (first === null || then.at !== "agrees") return then;
  if (first.at === "first") return { at: "first", size: then.size };
  return first.at === "agrees" ? { ...then, from: first.from, since: first.since } : then;
}

async function newest(server: Bytes, log: SignedDocument, means: Means): Promise<Heads> {
  const ask = async (): Promise<ShownHead> => ({ log, note: await means.checkpoint() });
  return await follow(server, ask, means, compareNewest);
}

type Compare = (kept: Head, shown: () => Promise<Head>, means: Means) => Promise<Compared>;
interface Compared {
  readonly shown: Head;
  readonly found: Disagreement | null;
}

/** Of the newest head: it never gets shorter. */
async function compareNewest(
  kept: Head,
  ask: () => Promise<Head>,
  means: Means,
): Promise<Compared> {
  const compared = async (): Promise<Compared> => {
    const shown = await ask();
    return { shown, found: await compareHeads(kept, shown, means.tile) };
  };
  const first = await compared();
  if (first.found?.code !== "smaller") return first;
  await means.settle();
  return await compared();
}

/** Of a head that may be older than what was kept meanwhile: then that must have grown from it. */
async function compareEither(
  kept: Head,
  ask: () => Promise<Head>,
  means: Means,
): Promise<Compared> {
  const shown = await ask();
  const found = await compareHeads(kept, shown, means.tile);
  if (found?.code !== "smaller") return { shown, found };
  const other = await compareHeads(shown, kept, means.tile);
  return { shown, found: other && { ...other, kept: other.shown, shown: other.kept } };
}

async function follow(
  server: Bytes,
  ask: () => Promise<ShownHead>,
  means: Means,
  compare: Compare,
): Promise<Heads> {
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const found = await once(server, ask, means, compare);
      if (found !== null) return found;
    }
  } catch (error) {
    if (error instanceof Refused) {
      return { at: "not-compared", why: error.code === "unreachable" ? "unreachable" : "withheld" };
    }
    if (!(error instanceof Malformed) && !(error instanceof CryptoError)) throw error;
  }
  return { at: "not-compared", why: "withheld" };
}

/** Compare once; null where another page has kept another head meanwhile. */
async function once(
  server: Bytes,
  ask: () => Promise<ShownHead>,
  means: Means,
  compare: Compare,
): Promise<Heads | null> {
  const name = encode(server);
  const reading = async (): Promise<Head> => {
    const { log, note } = await ask();
    return await readHead(log, note, server);
  };
  // Read before the log is asked: another page may keep a newer head at any time.
  const before = await means.store.log(name);
  if (before === null) {
    const shown = await reading();
    const kept = await means.store.advance(name, null, shown, means.now());
    return kept ? { at: "first", size: shown.size } : null;
  }
  const { found, shown } = await compare(before.head, reading, means);
  if (found !== null) {
    await means.store.disputeLog(name, found, means.now());
    return { at: "disagrees" };
  }
  const from = before.head.size;
  const grown = shown.size > from;
  if (grown && !(await means.store.advance(name, before.head, shown, means.now()))) return null;
  return { at: "agrees", since: before.since, from, size: Math.max(from, shown.size) };
}

/** Returns how many acknowledgements were kept and are so; null where some are not. */
async function compareReceipt(
  id: string,
  server: Bytes,
  receipt: Told,
  heads: Heads,
  means: Means,
): Promise<number | null> {
  const shown = await shownBy(receipt, server);
  const kept = (await means.store.person(id))?.acknowledgements ?? [];
  const found = compareStatements(kept, shown);
  await means.store.disputePerson(id, found, means.now());
  // What a log shows that does not agree is nothing to hold against it later.
  if (heads.at === "first" || heads.at === "agrees") {
    const all = shown.statements.map(({ acknowledgement }, sequence) => ({
      ...acknowledgement,
      sequence,
    }));
    await means.store.acknowledge(id, encode(server), all, means.now());
    if (receipt.records.some(({ record }) => record.kind === "admitted")) {
      await means.store.admit(id);
    }
  }
  return found.length === 0 ? kept.length : null;
}

async function shownBy(receipt: Told, server: Bytes): Promise<LoggedStatements> {
  const { acknowledgements, answers, enrolment, head, vouched } = receipt;
  const digests = [enrolment.digest, ...answers.map(({ digest }) => digest)];
  return {
    head: await readHead(wire(vouched), head.note, server),
    statements: acknowledgements.flatMap((one, at) => {
      const digest = digests[at];
      return digest === undefined ? [] : [{ digest, acknowledgement: wire(one) }];
    }),
  };
}

function wire({ document, signature }: SignedPart): SignedDocument {
  return { document: encode(document), signature: encode(signature) };
}

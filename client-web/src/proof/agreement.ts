// Whether what a log shows agrees with what was kept of it (FORMAT.md, section 14.2). Pure: what was
// kept and what is shown come in, disagreements come out, each with what both sides have signed.

import type { SignedDocument } from "../api/types";
import { type Bytes, decode, encode, equal } from "../crypto/bytes";
import { SignatureError } from "../crypto/errors";
import { isGrown } from "./consistency";
import { parseAcknowledgement, verifyLogDocument } from "./log-document";
import { isSignedBy, parseCheckpoint } from "./note";
import { type Fetch, proofFromTiles } from "./tiles";

/** How a log stood, as it has signed it; `root` and `key` are base64url. */
export interface Head {
  readonly origin: string;
  readonly key: string;
  /** What the server vouches for this log with. */
  readonly log: SignedDocument;
  readonly note: string;
  readonly size: number;
  readonly root: string;
}

/** What the server has signed for a statement: of the enrolment, 0, or of the answer of that number. */
export interface KeptAcknowledgement extends SignedDocument {
  readonly sequence: number;
}

export type DisagreementCode =
  | "other-log" // it is not the log of then any more
  | "smaller" // it has fewer entries than it had
  | "split-view" // as many, and others
  | "not-grown" // more, but those of then are not among them
  | "missing" // a statement that the server has signed for is not in it
  | "other-index"; // it is, at another place than the server has signed

/** What one side says, in what was signed. */
export interface Testimony {
  readonly log: SignedDocument | null;
  readonly note: string | null;
  readonly acknowledgement: SignedDocument | null;
}

export interface Disagreement {
  readonly code: DisagreementCode;
  /** The number of the answer that it is about, 0 for the enrolment; null where it is about a head. */
  readonly sequence: number | null;
  /** The index that was signed for it. */
  readonly index: number | null;
  readonly kept: Testimony;
  readonly shown: Testimony;
}

/** Read how a log stands; rejects with Malformed, FormatError or SignatureError where nobody has signed. */
export async function readHead(log: SignedDocument, note: string, server: Bytes): Promise<Head> {
  const signed = { document: decode(log.document), signature: decode(log.signature) };
  const { key, origin } = await verifyLogDocument(signed, server);
  const checkpoint = parseCheckpoint(note);
  if (checkpoint.origin !== origin || !(await isSignedBy(checkpoint, key))) {
    throw new SignatureError("the log has not signed this head");
  }
  const { root, size } = checkpoint;
  return { origin, key: encode(key), log, note, size, root: encode(root) };
}

/**
 * Why a head does not follow the one that was kept; null where it does. Rejects with whatever `tile`
 * does, and with Malformed: then nothing was compared.
 */
export async function compareHeads(
  kept: Head,
  shown: Head,
  tile: Fetch,
): Promise<Disagreement | null> {
  const code = await whyNot(kept, shown, tile);
  if (code === null) return null;
  return { code, sequence: null, index: null, kept: saying(kept), shown: saying(shown) };
}

async function whyNot(kept: Head, shown: Head, tile: Fetch): Promise<DisagreementCode | null> {
  if (kept.origin !== shown.origin || kept.key !== shown.key) return "other-log";
  if (shown.size < kept.size) return "smaller";
  if (shown.size === kept.size) return shown.root === kept.root ? null : "split-view";
  const proof = await proofFromTiles(kept.size, shown.size, tile);
  return (await isGrown(treeOf(kept), treeOf(shown), proof)) ? null : "not-grown";
}

function treeOf({ root, size }: Head): { size: number; root: Bytes } {
  return { size, root: decode(root) };
}

/** What a receipt that holds says, of the enrolment and the answers in their order. */
export interface LoggedStatements {
  readonly head: Head;
  readonly statements: readonly {
    readonly digest: Bytes;
    readonly acknowledgement: SignedDocument;
  }[];
}

/** What was signed for and is not so; `shown` is null where the server knows nothing of the person. */
export function compareStatements(
  kept: readonly KeptAcknowledgement[],
  shown: LoggedStatements | null,
): Disagreement[] {
  const found: Disagreement[] = [];
  for (const one of kept) {
    const promised = parseAcknowledgement(decode(one.document));
    const statement = shown?.statements.find(({ digest }) =>
      equal(digest, decode(promised.statement)),
    );
    const code = codeOf(promised, shown, statement?.acknowledgement ?? null);
    if (code === null) continue;
    found.push({
      code,
      sequence: one.sequence,
      index: promised.index,
      kept: { log: null, note: null, acknowledgement: signedOf(one) },
      shown: {
        log: shown?.head.log ?? null,
        note: shown?.head.note ?? null,
        acknowledgement: statement?.acknowledgement ?? null,
      },
    });
  }
  return found;
}

function codeOf(
  promised: { readonly index: number; readonly origin: string },
  shown: LoggedStatements | null,
  now: SignedDocument | null,
): DisagreementCode | null {
  if (shown !== null && shown.head.origin !== promised.origin) return "other-log";
  if (now === null) return "missing";
  return parseAcknowledgement(decode(now.document)).index === promised.index ? null : "other-index";
}

function saying({ log, note }: Head): Testimony {
  return { log, note, acknowledgement: null };
}

function signedOf({ document, signature }: SignedDocument): SignedDocument {
  return { document, signature };
}

/** What of a disagreement can be said in words; null where it is not of this kind. */
export interface Facts {
  /** How many entries the log had, and has. */
  readonly sizes: { readonly from: number; readonly size: number } | null;
  /** Where the server has signed for it to be, and where it is. */
  readonly places: { readonly signed: number; readonly now: number | null } | null;
}

export function factsOf({ index, kept, shown }: Disagreement): Facts {
  const size = ({ note }: Testimony): number | null =>
    note === null ? null : parseCheckpoint(note).size;
  const from = size(kept);
  const to = size(shown);
  const { acknowledgement } = shown;
  const now =
    acknowledgement === null ? null : parseAcknowledgement(decode(acknowledgement.document)).index;
  return {
    sizes: from === null || to === null ? null : { from, size: to },
    places: index === null ? null : { signed: index, now },
  };
}

/** The file that shows a disagreement to others: what was signed, and no key. */
export function evidenceOf(
  server: string,
  disagreements: readonly (Disagreement & { readonly at: number })[],
): string {
  const type = "assent/disagreement/v1";
  return `${JSON.stringify({ type, server, disagreements }, null, 2)}\n`;
}

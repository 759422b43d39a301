// Every reader of FORMAT.md that there is in the client, by the name that grammar.json gives it. The
// same in Python is tests/support/readers.py.

import { type Bytes, decode } from "../src/crypto/bytes";
import { type Charter, parseCharter } from "../src/crypto/charter";
import {
  FormatError,
  NoticeNotInForce,
  SignatureError,
  StaleStatement,
} from "../src/crypto/errors";
import { parseRoom } from "../src/crypto/room";
import { type Enrolment, verifyAnswer, verifyEnrolment } from "../src/crypto/statement";
import { verifyVaultKey } from "../src/crypto/vault-key";
import { type GenerationHeader, parseGeneration } from "../src/e2ee/generation-header";
import { parseAcknowledgement, parseLogDocument } from "../src/proof/log-document";
import { parseCheckpoint } from "../src/proof/note";
import { parseReceipt } from "../src/proof/receipt-file";
import { parseRecord } from "../src/proof/records";
import { Malformed } from "../src/proof/text";
import { parseProof } from "../src/proof/tlog-proof";
import { verifyGenerationClosing } from "../src/watching/generation-closing";

/** What the readers are given beside the bytes, as grammar.json has it. */
export interface GivenText {
  readonly charter: string;
  readonly enrolment: { readonly document: string; readonly signature: string };
  readonly header: string;
}

export interface Given {
  readonly charter: Charter;
  readonly enrolment: Enrolment;
  readonly header: GenerationHeader;
}

export async function believed(given: GivenText): Promise<Given> {
  const charter = await parseCharter(decode(given.charter));
  const { document, signature } = given.enrolment;
  return {
    charter,
    enrolment: await verifyEnrolment(decode(document), decode(signature), charter),
    header: await parseGeneration(decode(given.header)),
  };
}

type Reader = (body: Bytes, signature: Bytes, given: Given) => unknown;

// Notes and proofs come to their readers as text, from a document that was read.
const text = (body: Bytes): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);

export const READERS: Readonly<Record<string, Reader>> = {
  charter: parseCharter,
  room: parseRoom,
  "vault-key": (body, signature, { charter }) => verifyVaultKey(body, signature, charter.vault),
  enrolment: (body, signature, { charter }) => verifyEnrolment(body, signature, charter),
  answer: (body, signature, { charter, enrolment }) =>
    verifyAnswer(body, signature, enrolment, charter, null),
  record: parseRecord,
  header: parseGeneration,
  closing: (body, signature, { charter, header }) =>
    verifyGenerationClosing(body, signature, charter.server, header, null),
  log: parseLogDocument,
  acknowledgement: parseAcknowledgement,
  receipt: parseReceipt,
  checkpoint: (body) => parseCheckpoint(text(body)),
  proof: (body) => parseProof(text(body)),
};

/** The code of FORMAT.md, section 14.1, that a reader has for bytes; null where it takes them. */
export async function judge(
  reader: string,
  body: Bytes,
  signature: Bytes,
  given: Given,
): Promise<string | null> {
  const read = READERS[reader];
  if (read === undefined) throw new Error(`there is no reader ${reader}`);
  try {
    await read(body, signature, given);
    return null;
  } catch (error) {
    if (error instanceof StaleStatement) return "stale-statement";
    if (error instanceof NoticeNotInForce) return "notice-not-in-force";
    if (error instanceof SignatureError) return "bad-signature";
    const notUtf8 = error instanceof TypeError && "code" in error;
    if (!(error instanceof FormatError || error instanceof Malformed || notUtf8)) throw error;
    if (reader === "enrolment" || reader === "answer") return "bad-statement";
    return reader === "receipt" ? "not-a-receipt" : "bad-document";
  }
}

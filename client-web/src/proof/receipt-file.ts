// The receipt as a file (FORMAT.md, section 14): its parts, taken out and not yet believed.

import type { Bytes } from "../crypto/bytes";
import { type Fields, read } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { SIGNATURE_BYTES } from "../crypto/suite";

const TYPE = "assent/receipt/v1";
export const MAX_RECEIPT_BYTES = 16 * 1024 * 1024;
const SALT_BYTES = 32;

export interface SignedPart {
  readonly document: Bytes;
  readonly signature: Bytes;
}

export interface EntryPart {
  readonly index: number;
  readonly salt: Bytes;
  readonly record: Bytes;
  readonly signature: Bytes | null;
  readonly proof: string;
}

export interface StatementPart extends SignedPart {
  readonly acknowledgement: SignedPart;
  readonly entry: EntryPart;
}

export interface ReceiptFile {
  readonly charter: Bytes;
  readonly vaultKey: SignedPart | null;
  readonly log: SignedPart;
  readonly notices: readonly { readonly language: string; readonly text: string }[];
  /** The enrolment, then every answer. */
  readonly statements: readonly [StatementPart, ...StatementPart[]];
  readonly entries: readonly EntryPart[];
}

export function parseReceipt(body: Uint8Array): ReceiptFile {
  const fields = read(body, TYPE, MAX_RECEIPT_BYTES, [
    "charter",
    "vault_key",
    "log",
    "notices",
    "statements",
    "entries",
  ]);
  const vaultKey = fields.childOrNull("vault_key");
  const [enrolment, ...answers] = fields
    .children("statements", ["document", "signature", "acknowledgement", "entry"])
    .map((one) => ({
      ...signed(one),
      acknowledgement: signed(one.child("acknowledgement").only(["document", "signature"])),
      entry: entry(one.child("entry").only(ENTRY_KEYS)),
    }));
  if (enrolment === undefined) throw new FormatError("statements", "are none");
  return {
    charter: fields.bytes("charter"),
    vaultKey: vaultKey === null ? null : signed(vaultKey.only(["document", "signature"])),
    log: signed(fields.child("log").only(["document", "signature"])),
    notices: fields
      .children("notices", ["language", "text"])
      .map((one) => ({ language: one.language("language"), text: one.words("text") })),
    statements: [enrolment, ...answers],
    entries: fields.children("entries", ENTRY_KEYS).map(entry),
  };
}

const ENTRY_KEYS = ["index", "salt", "record", "signature", "proof"];

function signed(fields: Fields): SignedPart {
  return {
    document: fields.bytes("document"),
    signature: fields.bytes("signature", SIGNATURE_BYTES),
  };
}

function entry(fields: Fields): EntryPart {
  return {
    index: fields.integer("index"),
    salt: fields.bytes("salt", SALT_BYTES),
    record: fields.bytes("record"),
    signature: fields.bytesOrNull("signature", SIGNATURE_BYTES),
    proof: fields.text("proof"),
  };
}

// Which log is the server's (FORMAT.md, section 12), and the server's word for having stored a statement
// in it (section 14).

import { type Bytes, encode } from "../crypto/bytes";
import { read } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { DIGEST_BYTES, MEETING_BYTES, verify } from "../crypto/suite";
import type { SignedPart } from "./receipt-file";

const LOG_TYPE = "assent/log/v1";
const ACKNOWLEDGEMENT_TYPE = "assent/acknowledgement/v1";
const MAX_BYTES = 1024;

// "1 to 200 ASCII characters `!` … `~` without `+`".
const ORIGIN = /^[!-*,-~]{1,200}$/;

export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

export interface LogDocument {
  readonly origin: string;
  readonly key: Bytes;
  readonly server: Bytes;
  readonly created: number;
}

export function parseLogDocument(body: Bytes): LogDocument {
  const fields = read(body, LOG_TYPE, MAX_BYTES, ["origin", "key", "server", "created"]);
  const origin = fields.text("origin");
  if (!isOrigin(origin)) throw new FormatError("origin", "is not a name of a log");
  return {
    origin,
    key: fields.signPublic("key"),
    server: fields.signPublic("server"),
    created: fields.integer("created"),
  };
}

/** Read what a server has vouched for its log with; rejects with FormatError, SignatureError. */
export async function verifyLogDocument(signed: SignedPart, server: Bytes): Promise<LogDocument> {
  const found = parseLogDocument(signed.document);
  await verify(server, LOG_TYPE, signed.document, signed.signature);
  return found;
}

/** What an acknowledgement says, as text, so that two can be told apart by one comparison. */
export interface Acknowledgement {
  readonly meeting: string;
  readonly person: string;
  readonly statement: string;
  readonly origin: string;
  readonly index: number;
  readonly at: number;
}

export function parseAcknowledgement(body: Bytes): Acknowledgement {
  const fields = read(body, ACKNOWLEDGEMENT_TYPE, MAX_BYTES, [
    "meeting",
    "person",
    "statement",
    "origin",
    "index",
    "at",
  ]);
  const origin = fields.text("origin");
  if (!isOrigin(origin)) throw new FormatError("origin", "is not a name of a log");
  return {
    meeting: encode(fields.bytes("meeting", MEETING_BYTES)),
    person: encode(fields.bytes("person", DIGEST_BYTES)),
    statement: encode(fields.bytes("statement", DIGEST_BYTES)),
    origin,
    index: fields.integer("index"),
    at: fields.integer("at"),
  };
}

/** Read what a server has signed for a statement; rejects with FormatError, SignatureError. */
export async function verifyAcknowledgement(
  signed: SignedPart,
  server: Bytes,
): Promise<Acknowledgement> {
  const found = parseAcknowledgement(signed.document);
  await verify(server, ACKNOWLEDGEMENT_TYPE, signed.document, signed.signature);
  return found;
}

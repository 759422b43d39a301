// Which log is the server's (FORMAT.md, section 12), and the server's word for having stored a statement
// in it (section 14).

import { type Bytes, encode } from "../crypto/bytes";
import { read } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { DIGEST_BYTES, isSignPublic, MEETING_BYTES, SIGN_PUBLIC_BYTES } from "../crypto/suite";

export const LOG_TYPE = "assent/log/v1";
export const ACKNOWLEDGEMENT_TYPE = "assent/acknowledgement/v1";
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
  const key = fields.bytes("key", SIGN_PUBLIC_BYTES);
  if (!isSignPublic(key)) fields.fail("key", "is not a key that can sign");
  return {
    origin,
    key,
    server: fields.bytes("server", SIGN_PUBLIC_BYTES),
    created: fields.integer("created"),
  };
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

// What the entries of the log stand for (FORMAT.md, section 11): who appended each, and what it says.

import type { Bytes } from "../crypto/bytes";
import { type Fields, read, typeOf } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { DIGEST_BYTES, MEETING_BYTES } from "../crypto/suite";

const MAX_BYTES = 4 * 1024;
const EXPORT_BYTES = 16;

interface OfMeeting {
  readonly meeting: Bytes;
}

type Said =
  | {
      readonly kind: "notice";
      readonly version: number;
      readonly texts: ReadonlyMap<string, Bytes>;
    }
  | (OfMeeting & { readonly kind: "meeting"; readonly charter: Bytes })
  | (OfMeeting & {
      readonly kind: "enrolled" | "admitted";
      readonly person: Bytes;
      readonly enrolment: Bytes;
    })
  | (OfMeeting & {
      readonly kind: "answered" | "withdrawn";
      readonly person: Bytes;
      readonly sequence: number;
      readonly answer: Bytes;
    })
  | (OfMeeting & {
      readonly kind: "epoch-opened" | "epoch-closed";
      readonly epoch: number;
      readonly header: Bytes;
    })
  | (OfMeeting & { readonly kind: "released"; readonly readyAt: number; readonly size: number })
  | (OfMeeting & {
      readonly kind: "exported";
      readonly exportId: Bytes;
      readonly manifest: Bytes;
      readonly size: number;
    })
  | (OfMeeting & { readonly kind: "erased"; readonly person: Bytes | null })
  | (OfMeeting & { readonly kind: "destroyed"; readonly reason: "retention" | "deleted" });

export type Kind = Said["kind"];
/** `at` is when it was appended, by the clock of who did, in Unix milliseconds. */
export type LogRecord = Said & { readonly at: number; readonly type: string };

const KEYS: Record<Kind, readonly string[]> = {
  notice: ["version", "texts"],
  meeting: ["meeting", "charter"],
  enrolled: ["meeting", "person", "enrolment"],
  admitted: ["meeting", "person", "enrolment"],
  answered: ["meeting", "person", "sequence", "answer"],
  withdrawn: ["meeting", "person", "sequence", "answer"],
  "epoch-opened": ["meeting", "epoch", "header"],
  "epoch-closed": ["meeting", "epoch", "header", "closing"],
  released: ["meeting", "evidence", "ready_at", "size", "root"],
  exported: ["meeting", "export", "manifest", "evidence", "size", "root"],
  erased: ["meeting", "person"],
  destroyed: ["meeting", "reason", "entries", "digest"],
};

const OF_THE_VAULT: ReadonlySet<Kind> = new Set([
  "withdrawn",
  "released",
  "exported",
  "erased",
  "destroyed",
]);

/** "Records of the vault are signed by the vault identity … Records of the server are not signed". */
export function isOfVault(kind: Kind): boolean {
  return OF_THE_VAULT.has(kind);
}

export function parseRecord(body: Bytes): LogRecord {
  const type = typeOf(body, MAX_BYTES) ?? "";
  const kind = (Object.keys(KEYS) as Kind[]).find((one) => type === `assent/entry/${one}/v1`);
  if (kind === undefined) throw new FormatError("type", "is none of the allowed values");
  const fields = read(body, type, MAX_BYTES, [...KEYS[kind], "at"]);
  return { ...said(kind, fields), at: fields.integer("at"), type };
}

function said(kind: Kind, fields: Fields): Said {
  if (kind === "notice") {
    return {
      kind,
      version: fields.integer("version"),
      texts: fields.bytesByLanguage("texts", DIGEST_BYTES),
    };
  }
  const meeting = fields.bytes("meeting", MEETING_BYTES);
  switch (kind) {
    case "meeting":
      return { kind, meeting, charter: fields.bytes("charter", DIGEST_BYTES) };
    case "enrolled":
    case "admitted":
      return {
        kind,
        meeting,
        person: fields.bytes("person", DIGEST_BYTES),
        enrolment: fields.bytes("enrolment", DIGEST_BYTES),
      };
    case "answered":
    case "withdrawn":
      return {
        kind,
        meeting,
        person: fields.bytes("person", DIGEST_BYTES),
        sequence: fields.integer("sequence", 1),
        answer: fields.bytes("answer", DIGEST_BYTES),
      };
    case "epoch-opened":
    case "epoch-closed":
      if (kind === "epoch-closed") fields.bytes("closing", DIGEST_BYTES);
      return {
        kind,
        meeting,
        epoch: fields.integer("epoch", 1),
        header: fields.bytes("header", DIGEST_BYTES),
      };
    case "released":
    case "exported": {
      fields.bytes("evidence", DIGEST_BYTES);
      fields.bytes("root", DIGEST_BYTES);
      const size = fields.integer("size");
      if (kind === "released") return { kind, meeting, readyAt: fields.integer("ready_at"), size };
      return {
        kind,
        meeting,
        exportId: fields.bytes("export", EXPORT_BYTES),
        manifest: fields.bytes("manifest", DIGEST_BYTES),
        size,
      };
    }
    case "erased":
      return { kind, meeting, person: fields.bytesOrNull("person", DIGEST_BYTES) };
    case "destroyed":
      fields.integer("entries");
      fields.bytes("digest", DIGEST_BYTES);
      return { kind, meeting, reason: fields.choice("reason", ["retention", "deleted"]) };
  }
}

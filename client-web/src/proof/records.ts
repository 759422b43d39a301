// What the entries of the log stand for (FORMAT.md, section 11): who appended each, and what it says.

import type { Bytes } from "../crypto/bytes";
import { type Fields, read, typeOf } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { DIGEST_BYTES, MEETING_BYTES } from "../crypto/suite";

const MAX_BYTES = 4 * 1024;
const EXPORT_BYTES = 16;
const LAST_SLOT = 255;

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
      readonly kind: "host";
      readonly person: Bytes;
      readonly certificate: Bytes;
    })
  | (OfMeeting & { readonly kind: "armed"; readonly act: Bytes })
  | (OfMeeting & { readonly kind: "removed"; readonly person: Bytes; readonly act: Bytes })
  | (OfMeeting & {
      readonly kind: "generation-opened";
      readonly number: number;
      readonly header: Bytes;
      /** The page that has made it, null where the server has. */
      readonly committer: Bytes | null;
    })
  | (OfMeeting & {
      readonly kind: "generation-closed";
      readonly number: number;
      readonly header: Bytes;
      /** Of the acceptances, null where the server has made it. */
      readonly accepts: Bytes | null;
    })
  | (OfMeeting & {
      readonly kind: "slot-lost";
      readonly header: Bytes;
      readonly slots: readonly (readonly [number, number])[];
    })
  | (OfMeeting & { readonly kind: "ended" })
  | (OfMeeting & {
      readonly kind: "released";
      readonly evidence: Bytes;
      readonly readyAt: number;
      readonly size: number;
    })
  | (OfMeeting & {
      readonly kind: "exported";
      readonly exportId: Bytes;
      readonly manifest: Bytes;
      readonly evidence: Bytes;
      readonly size: number;
      /** Null is what nobody has said, or what version 1 does not say. */
      readonly recipient: string | null;
      readonly purpose: string | null;
    })
  | (OfMeeting & { readonly kind: "erased"; readonly person: Bytes | null })
  | (OfMeeting & { readonly kind: "adopted"; readonly vault: Bytes })
  | (OfMeeting & {
      /** Somebody was acted for; null is the whole meeting. */
      readonly kind: "revoked";
      readonly person: Bytes | null;
      readonly purpose: Purpose;
      readonly sequence: number;
      readonly by: Actor;
    })
  | (OfMeeting & { readonly kind: "destroyed"; readonly reason: "retention" | "deleted" });

const PURPOSES = ["training", "recording", "meeting"] as const;
const ACTORS = ["host", "administrator", "operator"] as const;
export type Purpose = (typeof PURPOSES)[number];
export type Actor = (typeof ACTORS)[number];

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
  revoked: ["meeting", "person", "purpose", "sequence", "by"],
  host: ["meeting", "person", "certificate"],
  armed: ["meeting", "act"],
  removed: ["meeting", "person", "act"],
  "generation-opened": ["meeting", "number", "header", "committer", "boxes"],
  "generation-closed": ["meeting", "number", "header", "closing", "accepts"],
  "slot-lost": ["meeting", "header", "slots"],
  ended: ["meeting"],
  released: ["meeting", "evidence", "ready_at", "size", "root"],
  exported: ["meeting", "export", "manifest", "evidence", "size", "root"],
  erased: ["meeting", "person"],
  destroyed: ["meeting", "reason", "entries", "digest"],
  adopted: ["meeting", "vault"],
};

const OF_FORMAT_2: ReadonlySet<Kind> = new Set([
  "host",
  "armed",
  "removed",
  "generation-opened",
  "generation-closed",
  "slot-lost",
]);

/** `exported` says since its version 2 to whom, and for what. */
const EXPORTED_FOR = "assent/entry/exported/v2";
const KEYS_OF_EXPORTED_FOR = [...KEYS.exported, "recipient", "purpose"];

const OF_THE_VAULT: ReadonlySet<Kind> = new Set([
  "withdrawn",
  "released",
  "exported",
  "slot-lost",
  "erased",
  "destroyed",
  "adopted",
]);

/** "Records of the vault are signed by the vault identity", and `revoked` with the server's key. */
export function signerOf(kind: Kind): "vault" | "server" | null {
  if (kind === "revoked") return "server";
  return OF_THE_VAULT.has(kind) ? "vault" : null;
}

export function parseRecord(body: Bytes): LogRecord {
  const type = typeOf(body, MAX_BYTES) ?? "";
  const kind = (Object.keys(KEYS) as Kind[]).find((one) => type === typeOfKind(one));
  if (kind !== undefined) return parse(body, type, kind, KEYS[kind]);
  if (type === EXPORTED_FOR) return parse(body, type, "exported", KEYS_OF_EXPORTED_FOR);
  throw new FormatError("type", "is none of the allowed values");
}

function typeOfKind(kind: Kind): string {
  return `assent/entry/${kind}/v${OF_FORMAT_2.has(kind) ? 2 : 1}`;
}

function parse(body: Bytes, type: string, kind: Kind, keys: readonly string[]): LogRecord {
  const fields = read(body, type, MAX_BYTES, [...keys, "at"]);
  return { ...said(kind, fields, type), at: fields.integer("at"), type };
}

function said(kind: Kind, fields: Fields, type: string): Said {
  if (kind === "notice") {
    return {
      kind,
      version: fields.integer("version", 1),
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
        // What was taken back for somebody may be about no answer.
        sequence: fields.integer("sequence", kind === "answered" ? 1 : 0),
        answer: fields.bytes("answer", DIGEST_BYTES),
      };
    case "revoked": {
      const person = fields.bytesOrNull("person", DIGEST_BYTES);
      const purpose = fields.choice("purpose", PURPOSES);
      const sequence = fields.integer("sequence");
      if ((person === null) !== (purpose === "meeting") || (person === null && sequence !== 0)) {
        throw new FormatError("person", "is null exactly for the meeting, which has no answers");
      }
      return { kind, meeting, person, purpose, sequence, by: fields.choice("by", ACTORS) };
    }
    case "host":
      return {
        kind,
        meeting,
        person: fields.bytes("person", DIGEST_BYTES),
        certificate: fields.bytes("certificate", DIGEST_BYTES),
      };
    case "armed":
      return { kind, meeting, act: fields.bytes("act", DIGEST_BYTES) };
    case "removed":
      return {
        kind,
        meeting,
        person: fields.bytes("person", DIGEST_BYTES),
        act: fields.bytes("act", DIGEST_BYTES),
      };
    case "generation-opened":
    case "generation-closed": {
      const number = fields.integer("number", 1);
      const header = fields.bytes("header", DIGEST_BYTES);
      if (kind === "generation-opened") {
        fields.bytes("boxes", DIGEST_BYTES);
        const committer = fields.bytesOrNull("committer", DIGEST_BYTES);
        return { kind, meeting, number, header, committer };
      }
      fields.bytes("closing", DIGEST_BYTES);
      const accepts = fields.bytesOrNull("accepts", DIGEST_BYTES);
      return { kind, meeting, number, header, accepts };
    }
    case "slot-lost":
      return {
        kind,
        meeting,
        header: fields.bytes("header", DIGEST_BYTES),
        slots: fields.ranges("slots", LAST_SLOT),
      };
    case "ended":
      return { kind, meeting };
    case "released":
    case "exported": {
      const evidence = fields.bytes("evidence", DIGEST_BYTES);
      fields.bytes("root", DIGEST_BYTES);
      const size = fields.integer("size");
      if (kind === "released") {
        return { kind, meeting, evidence, readyAt: fields.integer("ready_at"), size };
      }
      const given = type === EXPORTED_FOR;
      return {
        kind,
        meeting,
        exportId: fields.bytes("export", EXPORT_BYTES),
        manifest: fields.bytes("manifest", DIGEST_BYTES),
        evidence,
        size,
        recipient: given ? fields.lineOrNull("recipient", 200) : null,
        purpose: given ? fields.lineOrNull("purpose", 500) : null,
      };
    }
    case "erased":
      return { kind, meeting, person: fields.bytesOrNull("person", DIGEST_BYTES) };
    case "adopted":
      return { kind, meeting, vault: fields.signPublic("vault") };
    case "destroyed":
      fields.integer("entries");
      fields.bytes("digest", DIGEST_BYTES);
      return { kind, meeting, reason: fields.choice("reason", ["retention", "deleted"]) };
  }
}

// Acts of hosts: to record, to let in, to remove, a new link; each signed (FORMAT.md, section 6). Whether
// whoever signed one is a host, and whether it belongs there, is told by `meeting/host-course.ts`.

import { type Bytes, encode, equal, utf8 } from "./bytes";
import { type Fields, read, write } from "./document";
import { FormatError } from "./errors";
import type { Enrolment, Signed } from "./statement";
import { DIGEST_BYTES, digest, MEETING_BYTES, type Signer, verify } from "./suite";

const MAX_BYTES = 1024;
const MAX_ORDINAL = 2 ** 32 - 1;

/** What is done; each has its own fields, in their order. */
export type Deed =
  | { readonly what: "arm"; readonly recording: boolean }
  | { readonly what: "admit"; readonly person: Bytes; readonly enrolment: Bytes }
  | { readonly what: "remove"; readonly person: Bytes }
  | {
      readonly what: "link";
      readonly ordinal: number;
      readonly door: Bytes;
      readonly brought: Bytes;
    };

export type HostAct = Deed & {
  readonly meeting: Bytes;
  readonly by: Bytes;
  readonly sequence: number;
  readonly at: number;
  readonly digest: Bytes;
};

const TYPES = {
  arm: "assent/arm/v2",
  admit: "assent/admit/v2",
  remove: "assent/remove/v2",
  link: "assent/link/v2",
} as const;
const FIELDS = {
  arm: ["recording"],
  admit: ["person", "enrolment"],
  remove: ["person"],
  link: ["ordinal", "door", "brought"],
} as const;
const KINDS = ["arm", "admit", "remove", "link"] as const;

/** Sign an act with the key of the person who does it. */
export async function makeAct(
  keys: { readonly meeting: Bytes; readonly person: Bytes; readonly sign: Signer },
  sequence: number,
  deed: Deed,
  at: number,
): Promise<Signed> {
  const type = TYPES[deed.what];
  const body = write({
    type,
    meeting: encode(keys.meeting),
    by: encode(keys.person),
    sequence,
    ...fieldsOf(deed),
    at,
  });
  return { body, signature: await keys.sign.sign(type, body) };
}

function fieldsOf(deed: Deed): Record<string, string | number | boolean> {
  switch (deed.what) {
    case "arm":
      return { recording: deed.recording };
    case "admit":
      return { person: encode(deed.person), enrolment: encode(deed.enrolment) };
    case "remove":
      return { person: encode(deed.person) };
    case "link":
      return {
        ordinal: deed.ordinal,
        door: encode(deed.door),
        brought: encode(deed.brought),
      };
  }
}

/** Read an act of any kind without believing it; throws FormatError. */
export async function parseAct(body: Bytes): Promise<HostAct> {
  const what = KINDS.find((kind) => begins(body, `{"type":"${TYPES[kind]}"`));
  if (what === undefined) throw new FormatError("type", "is of no act of a host");
  const keys = ["meeting", "by", "sequence", ...FIELDS[what], "at"];
  const fields = read(body, TYPES[what], MAX_BYTES, keys);
  const meeting = fields.bytes("meeting", MEETING_BYTES);
  const by = fields.bytes("by", DIGEST_BYTES);
  const sequence = fields.integer("sequence", 1);
  const at = fields.integer("at");
  return { ...deedIn(what, fields), meeting, by, sequence, at, digest: await digest(body) };
}

function deedIn(what: Deed["what"], fields: Fields): Deed {
  switch (what) {
    case "arm":
      return { what, recording: fields.boolean("recording") };
    case "admit":
      return {
        what,
        person: fields.bytes("person", DIGEST_BYTES),
        enrolment: fields.bytes("enrolment", DIGEST_BYTES),
      };
    case "remove":
      return { what, person: fields.bytes("person", DIGEST_BYTES) };
    case "link":
      return {
        what,
        ordinal: fields.integer("ordinal", 2, MAX_ORDINAL),
        door: fields.bytes("door", DIGEST_BYTES),
        brought: fields.bytes("brought", DIGEST_BYTES),
      };
  }
}

function begins(body: Bytes, start: string): boolean {
  const bytes = utf8(start);
  return equal(body.slice(0, bytes.length), bytes);
}

/** An act that this very person has signed; `enrolled` has been verified by whoever calls. */
export async function verifyAct(
  { body, signature }: Signed,
  enrolled: Pick<Enrolment, "meeting" | "person" | "sign">,
): Promise<HostAct> {
  const act = await parseAct(body);
  if (!equal(act.meeting, enrolled.meeting)) throw new FormatError("meeting", "is another meeting");
  if (!equal(act.by, enrolled.person)) throw new FormatError("by", "is another person");
  await verify(enrolled.sign, TYPES[act.what], body, signature);
  return act;
}

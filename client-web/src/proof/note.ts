// Signed notes (c2sp.org/signed-note) whose text is the head of a log (c2sp.org/tlog-checkpoint), and
// the cosignatures of witnesses under them (c2sp.org/tlog-cosignature): FORMAT.md, section 12.

import { type Bytes, concat, encode, equal, utf8 } from "../crypto/bytes";
import { digest, verifyBytes } from "../crypto/suite";
import { isOrigin } from "./log-document";
import { decodeStandard, Malformed, wholeNumber } from "./text";

/** The head of a log: how many leaves, under which root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  /** What is signed: the text with its last newline. */
  readonly text: Bytes;
  readonly signatures: readonly NoteSignature[];
}

interface NoteSignature {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

// "Verifiers SHOULD apply a maximum limit …, but MUST accept at least up to 16 signatures."
const MAX_SIGNATURES = 64;
const MAX_BYTES = 64 * 1024;
// "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus": spaces are what has the
// property White_Space; `\s` takes U+FEFF, and does not take U+0085.
const SIGNATURE_LINE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const ED25519_BYTES = 64;
const TIME_BYTES = 8;
const EMPTY_ROOT = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"; // SHA-256("")

export function parseCheckpoint(note: string): Checkpoint {
  if (utf8(note).length > MAX_BYTES) throw new Malformed("checkpoint");
  // "MUST NOT contain any ASCII control characters … other than newline."
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new Malformed("checkpoint");
  // "the text is separated from the signatures by the last empty line in the note".
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) throw new Malformed("checkpoint");
  const text = note.slice(0, split + 1);
  const signed = note.slice(split + 2, -1).split("\n");
  const [origin = "", size = "", root = "", ...more] = text.slice(0, -1).split("\n");
  // "There MAY be further lines of text after the third, none of them empty; they are signed, and
  // mean nothing."
  if (!isOrigin(origin) || more.includes("")) throw new Malformed("checkpoint");
  if (signed.length > MAX_SIGNATURES) throw new Malformed("checkpoint");
  const head = {
    size: wholeNumber(size, "checkpoint"),
    root: decodeStandard(root, 32, "checkpoint"),
  };
  if (head.size === 0 && encode(head.root) !== EMPTY_ROOT) throw new Malformed("checkpoint");
  return {
    origin,
    ...head,
    text: utf8(text),
    signatures: signed.map(parseSignature),
  };
}

function parseSignature(line: string): NoteSignature {
  const found = SIGNATURE_LINE.exec(line);
  const [, name = "", encoded = ""] = found ?? [];
  if (found === null) throw new Malformed("checkpoint");
  const bytes = decodeStandard(encoded, null, "checkpoint");
  if (bytes.length <= 4) throw new Malformed("checkpoint");
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

async function keyId(name: string, kind: number, key: Bytes): Promise<Bytes> {
  return (await digest(concat(utf8(`${name}\n`), Uint8Array.of(kind), key))).slice(0, 4);
}

/** The signatures that claim to be of this very key: there may be none, or several. */
async function claimed(note: Checkpoint, name: string, kind: number, key: Bytes): Promise<Bytes[]> {
  const id = await keyId(name, kind, key);
  return note.signatures
    .filter((one) => one.name === name && equal(one.keyId, id))
    .map((one) => one.signature);
}

/**
 * Whether the log itself has signed: the key's name is the origin. "If a signature from a known key
 * fails to verify, clients SHOULD reject the whole note."
 */
export async function isSignedBy(note: Checkpoint, key: Bytes): Promise<boolean> {
  const found = await claimed(note, note.origin, ED25519, key);
  for (const one of found) {
    if (one.length !== ED25519_BYTES || !(await verifyBytes(key, note.text, one))) return false;
  }
  return found.length > 0;
}

/** When a witness has signed, in Unix seconds; null where it has not, false where it is a forgery. */
export async function cosignedBy(
  note: Checkpoint,
  name: string,
  key: Bytes,
): Promise<number | false | null> {
  let time: number | null = null;
  for (const one of await claimed(note, name, COSIGNATURE, key)) {
    if (one.length !== TIME_BYTES + ED25519_BYTES) return false;
    const seconds = Number(new DataView(one.buffer).getBigUint64(0));
    if (!Number.isSafeInteger(seconds)) return false;
    const message = concat(utf8(`cosignature/v1\ntime ${seconds}\n`), note.text);
    if (!(await verifyBytes(key, message, one.slice(TIME_BYTES)))) return false;
    time = seconds;
  }
  return time;
}

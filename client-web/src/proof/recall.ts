// The recall of one meeting from one data set: a line of a feed, as the vault has signed it (FORMAT.md,
// section 15.6). What the server says of it is not believed; the keys of vaults are the caller's to know.

import { type Bytes, decode, equal, utf8 } from "../crypto/bytes";
import { read } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import { type JsonObject, parse } from "../crypto/json";
import {
  DIGEST_BYTES,
  MEETING_BYTES,
  SIGN_PUBLIC_BYTES,
  SIGNATURE_BYTES,
  verifyBytes,
} from "../crypto/suite";

const TYPE = "assent/recall/v1";
const MAX_BYTES = 4096;
const EXPORT_BYTES = 16;
const PARTS = ["protected", "payload", "signature"] as const;
const REASONS = ["withdrawn", "revoked", "deleted"] as const;

export type RecallReason = (typeof REASONS)[number];

/** That a meeting is not agreed to any more. `at` is the vault's clock, in Unix milliseconds. */
export interface Recall {
  readonly reason: RecallReason;
  readonly at: number;
}

/** Read a line; null unless it recalls this very meeting from this export, by one of these vaults. */
export async function checkRecall(
  line: string,
  of: { readonly meeting: Bytes; readonly exportId: Bytes },
  vaults: readonly Bytes[],
): Promise<Recall | null> {
  try {
    const [header, payload, signature] = partsOf(line);
    const signer = signerOf(decode(header));
    if (!vaults.some((known) => equal(known, signer))) return null;
    const signed = utf8(`${header}.${payload}`);
    if (!(await verifyBytes(signer, signed, decode(signature, SIGNATURE_BYTES)))) return null;
    const fields = read(decode(payload), TYPE, MAX_BYTES, [
      "export",
      "sequence",
      "previous",
      "meeting",
      "reason",
      "at",
    ]);
    fields.integer("sequence", 1);
    fields.bytes("previous", DIGEST_BYTES);
    const found = { reason: fields.choice("reason", REASONS), at: fields.integer("at") };
    const same =
      equal(fields.bytes("export", EXPORT_BYTES), of.exportId) &&
      equal(fields.bytes("meeting", MEETING_BYTES), of.meeting);
    return same ? found : null;
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** A JWS in flattened JSON serialization, with these members, in this order, and no others. */
function partsOf(line: string): [string, string, string] {
  const body = utf8(line);
  if (body.length > MAX_BYTES) throw new FormatError("line", "is too long");
  const found = objectOf(body);
  const keys = [...found.keys()];
  const [header, payload, signature] = PARTS.map((key) => found.get(key));
  if (
    keys.join() !== PARTS.join() ||
    typeof header !== "string" ||
    typeof payload !== "string" ||
    typeof signature !== "string"
  ) {
    throw new FormatError("line", "is no flattened JWS");
  }
  return [header, payload, signature];
}

/** "One algorithm, one header": the key that it names, which the caller has to know. */
function signerOf(header: Bytes): Bytes {
  const found = objectOf(header);
  const named = found.get("kid");
  if (
    found.size !== 3 ||
    found.get("alg") !== "Ed25519" ||
    found.get("typ") !== TYPE ||
    typeof named !== "string"
  ) {
    throw new FormatError("protected", "is not the header of a recall");
  }
  return decode(named, SIGN_PUBLIC_BYTES);
}

function objectOf(body: Bytes): JsonObject {
  const found = parse(body);
  if (!(found instanceof Map)) throw new FormatError("line", "is not an object");
  return found as JsonObject;
}

// Chunks of a data set that the vault has sealed to a key of this page (FORMAT.md, section 15.10).
//
// Nothing of one is given out before it was checked: who has signed it, which download and place it
// is of, and that it opens, whole.

import { type Bytes, concat, encode, utf8 } from "../crypto/bytes";
import { read } from "../crypto/document";
import { FormatError, SealError } from "../crypto/errors";
import {
  BOX_BYTES,
  DIGEST_BYTES,
  digest,
  SIGNATURE_BYTES,
  SUITE,
  unseal,
  verify,
} from "../crypto/suite";
import { openChunked } from "../watching/chunked";

const TYPE = "assent/download-chunk/v1";
const MAX_HEADER_BYTES = 4096;
const LENGTH_BYTES = 4;
const ID_BYTES = 16;
/** Of the tar, in each chunk but the last, which has what is left. */
export const CHUNK_BYTES = 8 * 1024 * 1024;

/** What a page knows of its download; `total` is null until the first chunk has said it. */
export interface Expected {
  readonly download: string;
  readonly dataSet: string;
  readonly number: number;
  readonly total: number | null;
  /** The vault identity. */
  readonly identity: Bytes;
}

export interface Chunk {
  readonly data: Bytes;
  readonly last: boolean;
  /** Bytes of the whole tar. */
  readonly total: number;
}

/** Open the chunk that is expected, and no other; rejects with a CryptoError. */
export async function openChunk(object: Bytes, secret: Bytes, expected: Expected): Promise<Chunk> {
  const { body, ciphertext, signature, written } = split(object);
  await verify(expected.identity, TYPE, body, signature);
  const fields = read(body, TYPE, MAX_HEADER_BYTES, [
    "suite",
    "download",
    "export",
    "manifest",
    "number",
    "last",
    "total",
    "box",
  ]);
  fields.exactly("suite", SUITE);
  fields.bytes("manifest", DIGEST_BYTES);
  const download = fields.bytes("download", ID_BYTES);
  const dataSet = fields.bytes("export", ID_BYTES);
  const number = fields.integer("number");
  const total = fields.integer("total", 1);
  const begin = number * CHUNK_BYTES;
  if (begin >= total) fields.fail("number", "is beyond the end");
  const last = fields.boolean("last");
  if (last !== begin + CHUNK_BYTES >= total) fields.fail("last", "does not fit the number");
  const there =
    encode(download) === expected.download &&
    encode(dataSet) === expected.dataSet &&
    number === expected.number &&
    (expected.total === null || total === expected.total);
  if (!there) throw new SealError("it is a chunk of another place");
  const place = concat(utf8("assent/download/v1\0"), download, dataSet, u32(number));
  const key = await unseal(secret, fields.bytes("box", BOX_BYTES), place);
  const data = await openChunked(key, await digest(written), ciphertext);
  if (data.length !== Math.min(CHUNK_BYTES, total - begin)) {
    throw new SealError("it has not as much as its place");
  }
  return { data, last, total };
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function split(object: Bytes) {
  if (object.length < LENGTH_BYTES) throw new FormatError("chunk", "is cut short");
  const length = new DataView(object.buffer, object.byteOffset).getUint32(0);
  if (length > MAX_HEADER_BYTES) throw new FormatError("chunk", "has too long a header");
  const end = LENGTH_BYTES + length;
  if (object.length < end + SIGNATURE_BYTES) throw new FormatError("chunk", "is cut short");
  return {
    body: object.slice(LENGTH_BYTES, end),
    // The context is the SHA-256 of "u32 length ‖ header".
    written: object.slice(0, end),
    signature: object.slice(end, end + SIGNATURE_BYTES),
    ciphertext: object.subarray(end + SIGNATURE_BYTES),
  };
}

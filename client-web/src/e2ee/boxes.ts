// Boxes of a generation: E for each who gets it, and the wraps of its slots (FORMAT-2.md, section 7);
// and the outer boxes of what is stored (section 11).

import { type Bytes, concat, encode, equal, utf8 } from "../crypto/bytes";
import { type Fields, read, write } from "../crypto/document";
import { BOX_BYTES, DIGEST_BYTES, digest } from "../crypto/suite";
import {
  type GenerationHeader,
  type GenerationPerson,
  pagesOf,
  watchersOf,
} from "./generation-header";

const BOXES_TYPE = "assent/boxes/v2";
const OUTER_TYPE = "assent/outer/v2";
const MAX_BYTES = 512 * 1024;
const MAX_OUTER_BYTES = 1024 * 1024;
const WRAPPED_BYTES = 48;
export const WRAPS_BYTES = 256 * WRAPPED_BYTES;

/** Boxes by person id, in base64url. */
export type BoxesById = ReadonlyMap<string, Bytes>;

export interface GenerationBoxes {
  readonly header: Bytes;
  readonly page: BoxesById;
  readonly watch: BoxesById;
  /** Those of all 256 slots in a row; whether the header's, is for whoever opens them to say. */
  readonly wraps: Bytes | null;
  /** The leaves that `slots` of the header commits to, for whoever will not have all S_i. */
  readonly hashes: Bytes | null;
  readonly digest: Bytes;
}

export interface OuterBoxes {
  readonly watch: BoxesById;
  readonly vault: Bytes | null;
}

/** Write the boxes of a header: for its pages, or, recorded, for its watchers. */
export function writeBoxes(
  header: GenerationHeader,
  boxes: readonly { readonly id: Bytes; readonly box: Bytes }[],
  wraps: Bytes | null,
  hashes: Bytes | null,
): Bytes {
  const listed = boxes.map(({ id, box }) => ({ id: encode(id), box: encode(box) }));
  return write({
    type: BOXES_TYPE,
    header: encode(header.digest),
    page: header.recorded === null ? listed : [],
    watch: header.recorded === null ? [] : listed,
    wraps: wraps && encode(wraps),
    hashes: hashes && encode(hashes),
  });
}

/** Read the boxes of `header`: one for each who must have one, and no other. */
export async function parseBoxes(body: Bytes, header: GenerationHeader): Promise<GenerationBoxes> {
  const fields = read(body, BOXES_TYPE, MAX_BYTES, ["header", "page", "watch", "wraps", "hashes"]);
  if (!equal(fields.bytes("header", DIGEST_BYTES), header.digest)) {
    fields.fail("header", "is the digest of another header");
  }
  const { recorded } = header;
  const page = readBoxes(fields, "page", WRAPPED_BYTES, recorded ? [] : pagesOf(header));
  const watch = readBoxes(fields, "watch", WRAPPED_BYTES, recorded ? watchersOf(header) : []);
  const wraps = fields.bytesOrNull("wraps", WRAPS_BYTES);
  const hashes = fields.bytesOrNull("hashes", 256 * DIGEST_BYTES);
  for (const [key, value] of Object.entries({ wraps, hashes })) {
    if ((value !== null) !== (recorded?.training ?? false)) {
      fields.fail(key, "must be there exactly where training is offered");
    }
  }
  return { header: header.digest, page, watch, wraps, hashes, digest: await digest(body) };
}

/** Read the boxes of `O`, under which segments of a recorded generation are sealed. */
export function parseOuter(body: Bytes, header: GenerationHeader): OuterBoxes {
  const fields: Fields = read(body, OUTER_TYPE, MAX_OUTER_BYTES, ["header", "watch", "vault"]);
  if (!equal(fields.bytes("header", DIGEST_BYTES), header.digest)) {
    fields.fail("header", "is the digest of another header");
  }
  if (header.recorded === null) fields.fail("header", "is of nothing that is stored");
  const watch = readBoxes(fields, "watch", BOX_BYTES, watchersOf(header));
  const vault = fields.bytesOrNull("vault", BOX_BYTES);
  if ((vault !== null) !== header.recorded.training) {
    fields.fail("vault", "must be there exactly where training is offered");
  }
  return { watch, vault };
}

/** The info of a box of `O`; `owner` is a person id, or the digest of the vault's key. */
export function outerInfo(header: Bytes, owner: Bytes): Bytes {
  return concat(utf8("assent/outer/v2\0"), header, owner);
}

function readBoxes(
  fields: Fields,
  key: string,
  length: number,
  expected: readonly GenerationPerson[],
): BoxesById {
  const found = new Map<string, Bytes>();
  for (const item of fields.children(key, ["id", "box"])) {
    const id = encode(item.bytes("id", DIGEST_BYTES));
    if (found.has(id)) item.fail("id", "is there twice");
    found.set(id, item.bytes("box", length));
  }
  if ([...found.keys()].join() !== expected.map(({ id }) => encode(id)).join()) {
    fields.fail(key, "are not for those who must have one, in header order");
  }
  return found;
}

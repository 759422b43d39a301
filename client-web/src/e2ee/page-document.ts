// Page documents: a loaded page of a person, whose key is gone with it (FORMAT-2.md, section 5). The
// digest of one is the *page*: what headers, acceptances and keys of frames have.

import { type Bytes, encode, equal } from "../crypto/bytes";
import { read, write } from "../crypto/document";
import { FormatError } from "../crypto/errors";
import {
  DIGEST_BYTES,
  digest,
  isXwingPublic,
  MEETING_BYTES,
  verify,
  XWING_PUBLIC_BYTES,
} from "../crypto/suite";

export const SUITE_2 = "assent-2";
export const PAGE_TYPE = "assent/page/v2";
const MAX_BYTES = 4 * 1024;

export interface PageDocument {
  readonly meeting: Bytes;
  readonly person: Bytes;
  readonly charter: Bytes;
  readonly sequence: number;
  /** An X-Wing public key. */
  readonly key: Bytes;
  readonly at: number;
  readonly digest: Bytes;
}

/** Write the document of a new page; `charter` is the charter's digest. */
export function writePage(page: Omit<PageDocument, "digest">): Bytes {
  return write({
    type: PAGE_TYPE,
    suite: SUITE_2,
    meeting: encode(page.meeting),
    person: encode(page.person),
    charter: encode(page.charter),
    sequence: page.sequence,
    key: encode(page.key),
    at: page.at,
  });
}

/** Read a page document without believing it. */
export async function parsePage(body: Bytes): Promise<PageDocument> {
  const fields = read(body, PAGE_TYPE, MAX_BYTES, [
    "suite",
    "meeting",
    "person",
    "charter",
    "sequence",
    "key",
    "at",
  ]);
  fields.exactly("suite", SUITE_2);
  const page = {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    person: fields.bytes("person", DIGEST_BYTES),
    charter: fields.bytes("charter", DIGEST_BYTES),
    sequence: fields.integer("sequence", 1),
    key: fields.bytes("key", XWING_PUBLIC_BYTES),
    at: fields.integer("at"),
    digest: await digest(body),
  };
  // One page with another key would keep everybody from being sealed to.
  if (!(await isXwingPublic(page.key))) fields.fail("key", "is not a key that can be sealed to");
  return page;
}

/** Return the page that this very person signed; `sign` is the public key of their enrolment. */
export async function verifyPage(
  body: Bytes,
  signature: Bytes,
  expected: Pick<PageDocument, "meeting" | "charter" | "person"> & { readonly sign: Bytes },
): Promise<PageDocument> {
  const page = await parsePage(body);
  for (const key of ["meeting", "charter", "person"] as const) {
    if (!equal(page[key], expected[key])) throw new FormatError(key, `is another ${key}`);
  }
  await verify(expected.sign, PAGE_TYPE, body, signature);
  return page;
}

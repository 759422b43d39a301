// Handing over all but some passages: a bundle of nodes, sealed to the meeting's vault key
// (FORMAT-2.md, section 13). What the bundle is made of is in ./slot-grant.

import { type Bytes, concat, utf8 } from "../crypto/bytes";
import { digest, random, seal } from "../crypto/suite";
import { sealChunked } from "../watching/chunked";
import { KEY_BYTES } from "./primitives";

const SALT_BYTES = 24;

/** What binds what is handed over to meeting, person and the words agreed to. */
export function passagesInfo(meeting: Bytes, person: Bytes, notice: Bytes): Bytes {
  return concat(utf8("assent/passages/v2\0"), meeting, person, notice);
}

/** The box of a key, and the bundle under it: what `sealed` of the answer is the digest of. */
export async function sealPassages(
  bundle: Bytes,
  vaultKey: Bytes,
  info: Bytes,
  draw: (length: number) => Bytes = random,
): Promise<Bytes> {
  const key = draw(KEY_BYTES);
  const box = await seal(vaultKey, key, info);
  return concat(box, await sealChunked(key, await digest(info), bundle, draw(SALT_BYTES)));
}

// What stands after `#` in the link of a meeting: L, which no server is ever told, and the digest of the
// room document (FORMAT.md, section 3). What is sent to be let to the door follows from it.

import { type Bytes, concat, decode, encode, utf8 } from "./bytes";
import { derive, DIGEST_BYTES, hmac, random } from "./suite";

const SECRET_BYTES = 32;

export interface LinkSecret {
  /** L, 32 bytes. */
  readonly secret: Bytes;
  /** Digest of the room document. */
  readonly room: Bytes;
}

export function drawLink(room: Bytes): LinkSecret {
  return { secret: random(SECRET_BYTES), room };
}

/** Read a fragment; throws FormatError. */
export function parseFragment(fragment: string): LinkSecret {
  const both = decode(fragment, SECRET_BYTES + DIGEST_BYTES, "link");
  return { secret: both.slice(0, SECRET_BYTES), room: both.slice(SECRET_BYTES) };
}

export function fragmentOf({ room, secret }: LinkSecret): string {
  return encode(concat(secret, room));
}

/** What opens the door; the server keeps its digest. */
export function doorOf({ room, secret }: LinkSecret): Promise<Bytes> {
  return derive(secret, room, "assent/door/v2");
}

/** The key that shows whom the link has brought; for browsers alone. */
export function broughtKeyOf({ room, secret }: LinkSecret): Promise<Bytes> {
  return derive(secret, room, "assent/brought-key/v2");
}

/** What shows that the link with an ordinal has brought whoever has the enrolment with that digest. */
export function broughtMac(
  key: Bytes,
  meeting: Bytes,
  ordinal: number,
  enrolment: Bytes,
): Promise<Bytes> {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, ordinal);
  return hmac(key, concat(utf8("assent/brought/v2\0"), meeting, number, enrolment));
}

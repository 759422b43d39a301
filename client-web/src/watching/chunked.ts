// Opens, and seals, C2SP chunked-encryption (https://c2sp.org/chunked-encryption) in its instance Cobblestone-256:
// HKDF-Expand with SHA-512, and AES-256-GCM.
//
//   salt (24) ‖ commitment (32) ‖ chunks: 16 KiB of plaintext each, but the last, which is shorter
//
// The last chunk MUST be shorter, and MAY be empty, so that whatever ends with a whole one was cut
// off. Nothing is given out before all of it has been checked: a segment is two seconds, and half of
// one is of no use to anybody.

import { type Bytes, concat, equal, utf8 } from "../crypto/bytes";
import { SealError } from "../crypto/errors";
import { decryptor, encryptor, expand } from "../crypto/suite";

const SALT_BYTES = 24;
const COMMITMENT_BYTES = 32;
const PREFIX_BYTES = SALT_BYTES + COMMITMENT_BYTES;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CHUNK_BYTES = 16 * 1024 + TAG_BYTES;
const LABEL = utf8("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0");

/** Return the plaintext, whole; rejects with SealError. */
export async function openChunked(key: Bytes, context: Bytes, sealed: Bytes): Promise<Bytes> {
  const whole = Math.floor((sealed.length - PREFIX_BYTES) / CHUNK_BYTES);
  const last = sealed.length - PREFIX_BYTES - whole * CHUNK_BYTES;
  if (sealed.length < PREFIX_BYTES || last < TAG_BYTES) throw new SealError("it is cut off");
  const salt = sealed.subarray(0, SALT_BYTES);
  const derived = await expand(
    key,
    concat(LABEL, salt, context),
    KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES,
  );
  const nonce = derived.slice(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
  // "implementations MUST check the commitment matches the derived value before continuing."
  const commitment = sealed.subarray(SALT_BYTES, PREFIX_BYTES);
  if (!equal(commitment, derived.subarray(KEY_BYTES + NONCE_BYTES))) {
    throw new SealError("it was sealed with another key, or for another place");
  }
  const decrypt = await decryptor(derived.slice(0, KEY_BYTES));
  const chunks = Array.from({ length: whole + 1 }, (_, number) => {
    const at = PREFIX_BYTES + number * CHUNK_BYTES;
    return decrypt(numbered(nonce, number), sealed.subarray(at, at + CHUNK_BYTES));
  });
  return concat(...(await Promise.all(chunks)));
}

/** Seal a plaintext, whole; `salt` is 24 bytes, and never comes twice with one key. */
export async function sealChunked(
  key: Bytes,
  context: Bytes,
  plaintext: Bytes,
  salt: Bytes,
): Promise<Bytes> {
  const derived = await expand(
    key,
    concat(LABEL, salt, context),
    KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES,
  );
  const nonce = derived.slice(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
  const encrypt = await encryptor(derived.slice(0, KEY_BYTES));
  const size = CHUNK_BYTES - TAG_BYTES;
  const chunks = Array.from({ length: Math.floor(plaintext.length / size) + 1 }, (_, number) =>
    encrypt(numbered(nonce, number), plaintext.slice(number * size, (number + 1) * size)),
  );
  return concat(salt, derived.slice(KEY_BYTES + NONCE_BYTES), ...(await Promise.all(chunks)));
}

/** "the XOR of the base nonce and the chunk number as a big-endian integer" */
function numbered(base: Bytes, number: number): Bytes {
  const nonce = base.slice();
  const view = new DataView(nonce.buffer);
  // A segment has a few hundred chunks; the upper bytes stay as they are.
  view.setUint32(NONCE_BYTES - 4, (view.getUint32(NONCE_BYTES - 4) ^ number) >>> 0);
  return nonce;
}

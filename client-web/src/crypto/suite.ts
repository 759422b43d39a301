// Every cryptographic choice in one place (storage/FORMAT.md, sections 1 to 3 and 7).
// Nothing here knows what it is used for; no other module names a primitive.

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

import { type Bytes, concat, decode, encode, utf8 } from "./bytes";
import { FormatError, SealError, SignatureError } from "./errors";

export const SUITE = "assent-1";
/** What rooms and statements are in; nothing that FORMAT.md has of it differs yet. */
export const SUITE_2 = "assent-2";
export const MEETING_BYTES = 16;
export const SEED_BYTES = 32;
export const DIGEST_BYTES = 32;
export const SIGN_PUBLIC_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const XWING_PUBLIC_BYTES = 1216;
export const BOX_BYTES = 1120 + 16 + 32;
const ENC_BYTES = 1120;

export async function digest(body: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", body as Bytes));
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** HKDF-SHA256 to 32 bytes (RFC 5869). */
export async function derive(key: Bytes, salt: Bytes, label: string): Promise<Bytes> {
  const material = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt, info: utf8(label) },
    material,
    256,
  );
  return new Uint8Array(bits);
}

export function personId(meeting: Bytes, signPublic: Bytes): Promise<Bytes> {
  return digest(concat(utf8("assent/person/v2\0"), meeting, signPublic));
}

/** What an enrolment has of a name, which can be erased with its salt. */
export function nameDigest(salt: Bytes, name: string): Promise<Bytes> {
  return digest(concat(utf8("assent/name/v2\0"), salt, utf8(name)));
}

/** HMAC-SHA256 (RFC 2104). */
export async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const made = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", made, message));
}

// Signatures: Ed25519 over type ‖ 0x00 ‖ document.

// The points of small order, by their y coordinate without the sign bit, in both spellings where
// there are two (as in libsodium's ge25519_has_small_order). Anybody can sign under them, so whoever
// enrolled with one could later say that somebody else had answered.
const SMALL_ORDER = new Set([
  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
  "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
  "7P_______________________________________38",
  "7f_______________________________________38",
  "7v_______________________________________38",
]);

/** Whether this can be somebody's Ed25519 public key, and theirs alone. */
export function isSignPublic(key: Bytes): boolean {
  if (key.length !== SIGN_PUBLIC_BYTES) return false;
  const y = key.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  return !SMALL_ORDER.has(encode(y));
}

export interface Signer {
  readonly publicKey: Bytes;
  sign(type: string, body: Bytes): Promise<Bytes>;
}

// RFC 8410, section 7: a PKCS #8 key around the 32 bytes.
const PKCS8 = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);

/** Make a signer of a 32-byte Ed25519 private key. */
export async function signer(secret: Bytes): Promise<Signer> {
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("pkcs8", concat(PKCS8, secret), "Ed25519", true, ["sign"]);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    const { ed25519 } = await import("@noble/curves/ed25519.js");
    return {
      publicKey: ed25519.getPublicKey(secret),
      sign: (type, body) => Promise.resolve(ed25519.sign(signed(type, body), secret) as Bytes),
    };
  }
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return {
    publicKey: decode(x ?? "", SIGN_PUBLIC_BYTES),
    sign: async (type, body) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed(type, body))),
  };
}

export async function verify(
  publicKey: Bytes,
  type: string,
  body: Bytes,
  signature: Bytes,
): Promise<void> {
  if (!(await verifyBytes(publicKey, signed(type, body), signature))) throw new SignatureError();
}

/** Whether a signature is of exactly these bytes, for what is not a document of ours. */
export async function verifyBytes(
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<boolean> {
  if (!isSignPublic(publicKey) || signature.length !== SIGNATURE_BYTES) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch (error) {
    if (!isUnsupported(error)) return false;
    const { ed25519 } = await import("@noble/curves/ed25519.js");
    // The strict rules of RFC 8032, as WebCrypto has them.
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  }
}

function signed(type: string, body: Bytes): Bytes {
  return concat(utf8(`${type}\0`), body);
}

/** Chromium before 137 and others of its age have no Ed25519 of their own. */
function isUnsupported(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotSupportedError";
}

// Boxes: HPKE in base mode with X-Wing, HKDF-SHA256 and AES-256-GCM.

const kem = new XWing();
const hpke = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/**
 * Return the 1,216-byte public key of a 32-byte X-Wing private key, which the library expands with
 * SHAKE256 to the ML-KEM seed and the X25519 key.
 */
export async function xwingPublic(secret: Bytes): Promise<Bytes> {
  const { publicKey } = await kem.generateKeyPairDerand(secret);
  return new Uint8Array(await kem.serializePublicKey(publicKey));
}

/** Seal to the owner of `publicKey`: enc ‖ ciphertext, with empty aad. */
export async function seal(publicKey: Bytes, content: Bytes, info: Bytes): Promise<Bytes> {
  if (publicKey.length !== XWING_PUBLIC_BYTES) {
    throw new FormatError("key", `is not ${XWING_PUBLIC_BYTES} bytes`);
  }
  const recipientPublicKey = await kem.deserializePublicKey(publicKey);
  // The library reads whole buffers; a view into a larger one must not take the rest along.
  const { ct, enc } = await hpke.seal(
    { recipientPublicKey, info: info.slice().buffer },
    content.slice().buffer,
  );
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}

/** Open a box that was sealed to the owner of the 32-byte private key. */
export async function unseal(secret: Bytes, box: Bytes, info: Bytes): Promise<Bytes> {
  try {
    const { privateKey } = await kem.generateKeyPairDerand(secret);
    const enc = box.slice(0, ENC_BYTES).buffer;
    const content = await hpke.open(
      { recipientKey: privateKey, enc, info: info.slice().buffer },
      box.slice(ENC_BYTES).buffer,
    );
    return new Uint8Array(content);
  } catch (error) {
    throw new SealError("the box does not open with this key", { cause: error });
  }
}

/** Whether anything can be sealed to these bytes. */
export async function isXwingPublic(publicKey: Bytes): Promise<boolean> {
  try {
    await seal(publicKey, new Uint8Array(), new Uint8Array());
    return true;
  } catch {
    return false;
  }
}

export function grantInfo(meeting: Bytes, person: Bytes, notice: Bytes): Bytes {
  return concat(utf8("assent/grant/v2\0"), meeting, person, notice);
}

// What segments are made of (FORMAT.md, section 9).

/** HKDF-Expand with SHA-512 (RFC 5869, section 2.3); WebCrypto has it only with Extract before. */
export async function expand(key: Bytes, info: Bytes, length: number): Promise<Bytes> {
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-512" }, false, [
    "sign",
  ]);
  let block: Bytes = new Uint8Array();
  let whole: Bytes = new Uint8Array();
  for (let count = 1; whole.length < length; count += 1) {
    const input = concat(block, info, Uint8Array.of(count));
    block = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, input));
    whole = concat(whole, block);
  }
  return whole.slice(0, length);
}

/** Make what decrypts AES-256-GCM, without additional data; rejects with SealError. */
export async function decryptor(
  key: Bytes,
): Promise<(nonce: Bytes, ciphertext: Bytes) => Promise<Bytes>> {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  return async (iv, ciphertext) => {
    try {
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, ciphertext));
    } catch (error) {
      throw new SealError("it is not what was sealed", { cause: error });
    }
  };
}

/** Make what encrypts AES-256-GCM, without additional data; no nonce may come twice. */
export async function encryptor(
  key: Bytes,
): Promise<(nonce: Bytes, plaintext: Bytes) => Promise<Bytes>> {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return async (iv, plaintext) =>
    new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, plaintext));
}

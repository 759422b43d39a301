import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { describe, expect, it } from "vitest";

import { concat, compare, decode, encode, equal } from "../../src/crypto/bytes";
import { deriveKeys } from "../../src/crypto/keys";
import { grantInfo, isXwingPublic, seal, signer, verify } from "../../src/crypto/suite";
import { vaultKeyOf, verifyVaultKey } from "../../src/crypto/vault-key";
import { vectors } from "../vectors";

interface Suite {
  keys: Record<
    | "seed"
    | "meeting"
    | "sign_public"
    | "person"
    | "watch_public"
    | "train_public"
    | "train_private",
    string
  >[];
  base64url: { valid: { text: string; hex: string }[]; invalid: string[] };
  signatures: {
    name: string;
    type: string;
    public: string;
    document: string;
    signature: string;
    valid: boolean;
  }[];
}

interface Grant {
  meeting: string;
  person: string;
  notice: string;
  identity: string;
  vault_key: { document: string; signature: string; key: string; digest: string };
  cases: { name: string; private: string; info: string; box: string; plaintext: string | null }[];
}

const suite = vectors("suite") as Suite;
const grant = vectors("grant") as Grant;

/** The other side's way to open a box; the client itself opens none. */
async function open(secret: string, box: Uint8Array, info: Uint8Array): Promise<string | null> {
  const kem = new XWing();
  const hpke = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientKey = await kem.deserializePrivateKey(decode(secret));
  try {
    const content = await hpke.open(
      { recipientKey, enc: box.slice(0, 1120).buffer, info: info.slice().buffer },
      box.slice(1120).buffer,
    );
    return encode(new Uint8Array(content));
  } catch {
    return null;
  }
}

describe("base64url", () => {
  it.each(suite.base64url.valid)("reads and writes $hex", ({ text, hex }) => {
    expect(Buffer.from(decode(text)).toString("hex")).toBe(hex);
    expect(encode(Buffer.from(hex, "hex"))).toBe(text);
  });

  it.each(suite.base64url.invalid)("refuses %j", (text) => {
    expect(() => decode(text)).toThrow();
  });

  it("compares as byte strings", () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(1, 200)];
    expect(compare(a, b)).toBeLessThan(0);
    expect(compare(b, a)).toBeGreaterThan(0);
    expect(compare(a, concat(a))).toBe(0);
    expect(compare(Uint8Array.of(1), a)).toBeLessThan(0);
    expect(equal(a, b)).toBe(false);
  });
});

describe("a person's keys", () => {
  it.each(suite.keys)("follow from the seed $seed", async (known) => {
    const keys = await deriveKeys(decode(known.seed), decode(known.meeting));
    expect(encode(keys.sign.publicKey)).toBe(known.sign_public);
    expect(encode(keys.person)).toBe(known.person);
    expect(encode(keys.watch)).toBe(known.watch_public);
    expect(encode(keys.train)).toBe(known.train_public);
    expect(encode(keys.trainSecret)).toBe(known.train_private);
  });
});

describe("signatures", () => {
  it.each(suite.signatures)("$name", async ({ type, public: key, document, signature, valid }) => {
    const verdict = verify(decode(key), type, decode(document), decode(signature));
    await (valid ? expect(verdict).resolves.toBeUndefined() : expect(verdict).rejects.toThrow());
  });

  it("are the same with the substitute for browsers without Ed25519", async () => {
    const { ed25519 } = await import("@noble/curves/ed25519.js");
    const secret = new Uint8Array(32).fill(7);
    const mine = await signer(secret);
    expect(encode(ed25519.getPublicKey(secret))).toBe(encode(mine.publicKey));
    const document = new Uint8Array([1, 2, 3]);
    const signature = await mine.sign("t", document);
    expect(encode(ed25519.sign(concat(Uint8Array.of(0x74, 0), document), secret))).toBe(
      encode(signature),
    );
  });
});

describe("grants", () => {
  it("are sealed to a key that the vault vouches for", async () => {
    const { document, signature, key, digest } = grant.vault_key;
    const found = await verifyVaultKey(decode(document), decode(signature), decode(grant.identity));
    expect(encode(found.key)).toBe(key);
    expect(encode(found.digest)).toBe(digest);
  });

  it("are not sealed to a key of another vault or meeting", async () => {
    const { document, signature } = grant.vault_key;
    const body = decode(document);
    const other = new Uint8Array(32).fill(9);
    await expect(verifyVaultKey(body, decode(signature), other)).rejects.toThrow();
    const charter = { meeting: new Uint8Array(16), vault: decode(grant.identity) };
    await expect(vaultKeyOf(charter as never, body, decode(signature))).rejects.toThrow(/meeting/);
  });

  it.each(grant.cases)("open as they should: $name", async (one) => {
    expect(await open(one.private, decode(one.box), decode(one.info))).toBe(one.plaintext);
  });

  it("that are sealed here open with the vault's private key", async () => {
    const [first] = grant.cases;
    const info = grantInfo(decode(grant.meeting), decode(grant.person), decode(grant.notice));
    expect(encode(info)).toBe(first?.info);
    const box = await seal(decode(grant.vault_key.key), decode(first?.plaintext ?? ""), info);
    expect(box).toHaveLength(1168);
    expect(await open(first?.private ?? "", box, info)).toBe(first?.plaintext);
  });

  it("cannot be sealed to what is no key", async () => {
    expect(await isXwingPublic(decode(grant.vault_key.key))).toBe(true);
    expect(await isXwingPublic(new Uint8Array(1216).fill(255))).toBe(false);
    expect(await isXwingPublic(new Uint8Array(32))).toBe(false);
  });
});

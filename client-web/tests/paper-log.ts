// A log on paper for tests: its leaves, its tiles, its heads signed by its key, and what a server signs
// about it. Slow, and made of nothing but digests and signatures.

import { createHash } from "node:crypto";

import { ed25519 } from "@noble/curves/ed25519.js";

import type { SignedDocument } from "../src/api/types";
import { type Bytes, encode, utf8 } from "../src/crypto/bytes";
import { write } from "../src/crypto/document";
import { type Signer, signer } from "../src/crypto/suite";

export function sha256(...parts: readonly Uint8Array[]): Bytes {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function leafOf(text: string): Bytes {
  return sha256(Uint8Array.of(0), utf8(text));
}

const node = (left: Bytes, right: Bytes): Bytes => sha256(Uint8Array.of(1), left, right);

/** MTH(D[n]) of RFC 6962, section 2.1, over the hashes of leaves. */
export function rootOf(leaves: readonly Bytes[]): Bytes {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** `<L>/<N>[.p/<W>]` of a tree, as a server of static tiles has it; null for what there is not. */
export function tileOf(leaves: readonly Bytes[], path: string): Bytes | null {
  const found = /^(\d)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(path);
  if (found === null) return null;
  const [, level = "", place = "", width = "256"] = found;
  const first = Number(place.replaceAll(/[x/]/g, "")) * 256;
  let row = leaves;
  for (let above = 0; above < Number(level); above += 1) {
    const below = row;
    row = Array.from({ length: Math.floor(below.length / 256) }, (_, at) =>
      rootOf(below.slice(at * 256, (at + 1) * 256)),
    );
  }
  const hashes = row.slice(first, first + Number(width));
  if (hashes.length < Number(width)) return null;
  return Uint8Array.from(hashes.flatMap((hash) => [...hash]));
}

export class PaperLog {
  readonly origin: string;
  leaves: Bytes[] = [];
  readonly #key: Bytes;
  readonly #server: Signer;

  private constructor(origin: string, key: Bytes, server: Signer) {
    this.origin = origin;
    this.#key = key;
    this.#server = server;
  }

  static async make(origin = "meet.example/log", key = 1, server = 2): Promise<PaperLog> {
    const secret = new Uint8Array(32).fill(key);
    return new PaperLog(origin, secret, await signer(new Uint8Array(32).fill(server)));
  }

  /** The log's own key. */
  get public(): Bytes {
    return Uint8Array.from(ed25519.getPublicKey(this.#key));
  }

  get server(): Bytes {
    return this.#server.publicKey;
  }

  grow(count: number, what = "entry"): this {
    for (let more = 0; more < count; more += 1)
      this.leaves.push(leafOf(`${what} ${this.leaves.length}`));
    return this;
  }

  note(size = this.leaves.length): string {
    const root = Buffer.from(rootOf(this.leaves.slice(0, size))).toString("base64");
    const text = `${this.origin}\n${size}\n${root}\n`;
    const signature = ed25519.sign(utf8(text), this.#key);
    const id = sha256(utf8(`${this.origin}\n`), Uint8Array.of(1), this.public).slice(0, 4);
    const line = Buffer.concat([id, signature]).toString("base64");
    return `${text}\n\u2014 ${this.origin} ${line}\n`;
  }

  async document(): Promise<SignedDocument> {
    return await this.#signed("assent/log/v1", {
      origin: this.origin,
      key: encode(this.public),
      server: encode(this.server),
      created: 1,
    });
  }

  async acknowledge(said: {
    readonly meeting: Bytes;
    readonly person: Bytes;
    readonly statement: Bytes;
    readonly index: number;
  }): Promise<SignedDocument> {
    return await this.#signed("assent/acknowledgement/v1", {
      meeting: encode(said.meeting),
      person: encode(said.person),
      statement: encode(said.statement),
      origin: this.origin,
      index: said.index,
      at: 5,
    });
  }

  async #signed(type: string, fields: Record<string, string | number>): Promise<SignedDocument> {
    const body = write({ type, ...fields });
    return { document: encode(body), signature: encode(await this.#server.sign(type, body)) };
  }
}

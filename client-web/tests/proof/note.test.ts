import { describe, expect, it } from "vitest";

import { type Bytes, concat, utf8 } from "../../src/crypto/bytes";
import { digest } from "../../src/crypto/suite";
import { cosignedBy, isSignedBy, parseCheckpoint } from "../../src/proof/note";
import { parseProof } from "../../src/proof/tlog-proof";

interface Key {
  readonly name: string;
  readonly publicKey: Bytes;
  readonly privateKey: CryptoKey;
}

async function makeKey(name: string): Promise<Key> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("not a pair");
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { name, publicKey: raw, privateKey: pair.privateKey };
}

async function line(key: Key, kind: number, message: Bytes, before = new Uint8Array()) {
  const id = await digest(concat(utf8(`${key.name}\n`), Uint8Array.of(kind), key.publicKey));
  const made = new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, message));
  const bytes = concat(id.slice(0, 4), before, made);
  return `\u2014 ${key.name} ${btoa(String.fromCharCode(...bytes))}\n`;
}

const ROOT = btoa(String.fromCharCode(...new Uint8Array(32)));
const TEXT = `log.example/assent\n20\n${ROOT}\n`;

async function signed(key: Key, text = TEXT): Promise<string> {
  return `${text}\n${await line(key, 1, utf8(text))}`;
}

async function cosignature(witness: Key, time: number, text = TEXT): Promise<string> {
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  return await line(witness, 4, utf8(`cosignature/v1\ntime ${time}\n${text}`), stamp);
}

describe("checkpoints", () => {
  it("say what is in them", async () => {
    const note = await signed(await makeKey("log.example/assent"));
    const found = parseCheckpoint(note);
    expect(found).toMatchObject({ origin: "log.example/assent", size: 20 });
    expect(found.root).toEqual(new Uint8Array(32));
  });

  it("are the log's where its own key has signed, whoever else has", async () => {
    const log = await makeKey("log.example/assent");
    const other = await makeKey("log.example/assent");
    const note = await signed(log);
    const more = note + (await line(other, 1, utf8("anything")));
    expect(await isSignedBy(parseCheckpoint(note), log.publicKey)).toBe(true);
    // "Verifiers MUST ignore signatures from unknown keys".
    expect(await isSignedBy(parseCheckpoint(more), log.publicKey)).toBe(true);
    expect(await isSignedBy(parseCheckpoint(note), other.publicKey)).toBe(false);
    // A key of the right name that the note is not the origin of.
    const stranger = await makeKey("stranger.example");
    const foreign = `${TEXT}\n${await line(stranger, 1, utf8(TEXT))}`;
    expect(await isSignedBy(parseCheckpoint(foreign), stranger.publicKey)).toBe(false);
  });

  it("are refused where one of two signatures of the log is none", async () => {
    const log = await makeKey("log.example/assent");
    const note = (await signed(log)) + (await line(log, 1, utf8("other words")));
    expect(await isSignedBy(parseCheckpoint(note), log.publicKey)).toBe(false);
  });

  it("are refused where anything in them was changed", async () => {
    const log = await makeKey("log.example/assent");
    const note = await signed(log);
    for (const [from, to] of [
      ["\n20\n", "\n21\n"],
      [ROOT, ROOT.replace("A", "B")],
      ["log.example/assent\n20", "log.example/assens\n20"],
    ] as const) {
      expect(await isSignedBy(parseCheckpoint(note.replace(from, to)), log.publicKey)).toBe(false);
    }
  });

  it("carry cosignatures of witnesses, each with its time", async () => {
    const log = await makeKey("log.example/assent");
    const witness = await makeKey("witness.example/w1");
    const note = (await signed(log)) + (await cosignature(witness, 1_760_000_000));
    const { name, publicKey } = witness;
    expect(await cosignedBy(parseCheckpoint(note), name, publicKey)).toBe(1_760_000_000);
    expect(await cosignedBy(parseCheckpoint(await signed(log)), name, publicKey)).toBeNull();
    const forged = (await signed(log)) + (await cosignature(witness, 1, `${TEXT}more\n`));
    expect(await cosignedBy(parseCheckpoint(forged), name, publicKey)).toBe(false);
  });

  it("have one form", () => {
    const good = `${TEXT}\n\u2014 a AAAAAAA=\n`;
    expect(parseCheckpoint(good).signatures).toHaveLength(1);
    const longer = good.replace(ROOT, `${ROOT}\nmore\nand more`);
    expect(new TextDecoder().decode(parseCheckpoint(longer).text)).toContain("and more\n");
    for (const bad of [
      "",
      TEXT,
      `${TEXT}\n`,
      good.slice(0, -1),
      good.replace("20", "020"),
      good.replace("20", "-1"),
      good.replace("20", "9007199254740993"),
      good.replace(ROOT, ROOT.slice(0, -1)),
      good.replace(ROOT, ROOT.replace("A=", "B=")),
      good.replace(ROOT, `${ROOT}\n\nmore`),
      good.replace("log.example", "log.example+"),
      good.replace("log.example", "log example"),
      good.replace("log.example", "log.example".repeat(20)),
      good.replace("log.example/assent", ""),
      good.replace("\u2014", "-"),
      good.replace(" a ", " a+b "),
      good.replace(" a ", "  "),
      good.replace("AAAAAAA=", "AAAAAA"),
      good.replace("AAAAAAA=", "AAAA"),
      good.replace("\n20", "\r\n20"),
      good.replace("\n20", "\t\n20"),
      `${TEXT}\n${"\u2014 a AAAAAAA=\n".repeat(65)}`,
    ]) {
      expect(() => parseCheckpoint(bad), JSON.stringify(bad)).toThrow("checkpoint");
    }
  });
});

describe("proofs", () => {
  const note = `${TEXT}\n\u2014 a AAAAAAA=\n`;
  const good = `c2sp.org/tlog-proof@v1\nindex 7\n${ROOT}\n${ROOT}\n\n${note}`;

  it("say where a leaf is, and what is beside it", () => {
    const found = parseProof(good);
    expect(found.index).toBe(7);
    expect(found.path).toHaveLength(2);
    expect(found.checkpoint.size).toBe(20);
    expect(parseProof(good.replace("index", "extra AAAA\nindex")).index).toBe(7);
    expect(parseProof(`c2sp.org/tlog-proof@v1\nindex 0\n\n${note}`).path).toHaveLength(0);
  });

  it("have one form", () => {
    for (const bad of [
      "",
      note,
      good.replace("@v1", "@v2"),
      good.replace("index 7", "index 07"),
      good.replace("index 7\n", ""),
      good.replace("index 7", "extra AAA\nindex 7"),
      good.replace("index 7", "extra AAAA\nextra AAAA\nindex 7"),
      good.replace("index 7", "index 7\nextra AAAA"),
      good.replace(`${ROOT}\n${ROOT}`, ROOT.slice(1)),
      good.replace(ROOT, ` ${ROOT}`),
      good.replace(`${ROOT}\n`, `${ROOT}\n`.repeat(64)),
    ]) {
      expect(() => parseProof(bad), JSON.stringify(bad)).toThrow();
    }
  });
});

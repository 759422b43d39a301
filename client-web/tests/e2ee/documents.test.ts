// Documents of generations, as the vectors that Python reads as well have them.

import { describe, expect, it } from "vitest";

import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import { FormatError, SignatureError } from "../../src/crypto/errors";
import {
  parseAcceptance,
  parseAcceptances,
  provesFork,
  verifyAcceptance,
  writeAcceptance,
} from "../../src/e2ee/acceptance";
import { parseBoxes, parseOuter } from "../../src/e2ee/boxes";
import {
  committerOf,
  type GenerationHeader,
  pagesOf,
  parseGeneration,
  watchersOf,
  writeGeneration,
} from "../../src/e2ee/generation-header";
import { parsePage, verifyPage, writePage } from "../../src/e2ee/page-document";
import { signer } from "../../src/crypto/suite";
import { verifyGenerationClosing } from "../../src/watching/generation-closing";
import { vectors } from "../vectors";

type Reader = "generation" | "page" | "accept" | "accepts" | "boxes" | "outer";

interface Documents {
  headers: Record<string, { document: string; boxes: string }>;
  parsed: Record<string, unknown>;
  cases: {
    name: string;
    reader: Reader;
    header: string | null;
    document: string;
    field: string | null;
  }[];
  acceptances: {
    name: string;
    header: string;
    person: string;
    sign: string;
    signature: string;
    valid: boolean;
  }[];
  closings: {
    server: string;
    cases: {
      name: string;
      header: string;
      accepts: string | null;
      document: string;
      signature: string;
      field: string | null;
    }[];
  };
}

const { documents } = vectors("headers") as { documents: Documents };

function headerNamed(name: string | null): Promise<GenerationHeader> {
  return parseGeneration(decode(documents.headers[name ?? "live"]?.document ?? ""));
}

const READERS: Record<Reader, (body: Bytes, header: GenerationHeader) => unknown> = {
  generation: (body) => parseGeneration(body),
  page: (body) => parsePage(body),
  accept: (body) => parseAcceptance(body),
  accepts: (body, header) => parseAcceptances(body, header),
  boxes: (body, header) => parseBoxes(body, header),
  outer: (body, header) => Promise.resolve().then(() => parseOuter(body, header)),
};

describe("documents of generations", () => {
  it.each(documents.cases)("$name", async (given) => {
    const header = await headerNamed(given.header);
    const read = Promise.resolve(READERS[given.reader](decode(given.document), header));
    if (given.field === null) {
      await read;
      return;
    }
    const error = await read.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).field).toBe(given.field);
  });

  it("say what they say", async () => {
    const header = await headerNamed("recorded");
    expect({
      digest: encode(header.digest),
      place: encode(header.place),
      generation: header.generation,
      committer: encode(committerOf(header)?.id ?? new Uint8Array()),
      pages: pagesOf(header).map(({ id }) => encode(id)),
      watchers: watchersOf(header).map(({ id }) => encode(id)),
      shares: header.recorded?.shares.map(encode),
    }).toEqual(documents.parsed["recorded"]);
  });

  it.each(Object.keys(documents.headers))("are written as they were read: %s", async (name) => {
    const header = await headerNamed(name);
    expect(encode(writeGeneration(header))).toBe(documents.headers[name]?.document);
  });

  it("have at most 500 people", async () => {
    const relayed = await headerNamed("relayed");
    const [someone] = relayed.people;
    if (someone === undefined) throw new Error("nobody is there");
    const people = Array.from({ length: 501 }, (_, number) => {
      const id = new Uint8Array(32);
      new DataView(id.buffer).setUint32(0, number);
      return { ...someone, id, answer: null };
    });
    const live = { ...relayed, recorded: null };
    await parseGeneration(writeGeneration({ ...live, people: people.slice(1) }));
    const error = await parseGeneration(writeGeneration({ ...live, people })).catch(String);
    expect(error).toContain("people");
  });

  it("of a page are what this person signed, of this meeting", async () => {
    const [good] = documents.cases.filter(({ reader }) => reader === "page");
    const page = await parsePage(decode(good?.document ?? ""));
    const body = writePage(page);
    expect(encode(body)).toBe(good?.document);
    const key = await signer(new Uint8Array(32).fill(7));
    const signature = await key.sign("assent/page/v2", body);
    const expected = { ...page, sign: key.publicKey };
    expect((await verifyPage(body, signature, expected)).sequence).toBe(1);
    for (const field of ["meeting", "charter", "person"] as const) {
      const other = { ...expected, [field]: page[field].map((byte) => byte ^ 1) };
      await expect(verifyPage(body, signature, other)).rejects.toThrow(field);
    }
    const stranger = { ...expected, sign: (await signer(new Uint8Array(32))).publicKey };
    await expect(verifyPage(body, signature, stranger)).rejects.toThrow(SignatureError);
  });
});

describe("acceptances", () => {
  it.each(documents.acceptances)("$name", async (given) => {
    const check = verifyAcceptance(
      await headerNamed(given.header),
      decode(given.person),
      decode(given.sign),
      decode(given.signature),
    );
    await (given.valid ? check : expect(check).rejects.toThrow(SignatureError));
  });

  it("are of who is in with a page only", async () => {
    const header = await headerNamed("recorded");
    const away = header.people.find(({ page }) => page === null);
    expect(() => writeAcceptance(header, away?.id ?? new Uint8Array(32))).toThrow(FormatError);
  });

  it("of two headers under one number prove a fork", async () => {
    const header = await headerNamed("recorded");
    const other = await headerNamed("live");
    const [one, two] = pagesOf(header);
    const ids = [one?.id ?? new Uint8Array(), two?.id ?? new Uint8Array()] as const;
    const mine = await parseAcceptance(writeAcceptance(header, ids[0]));
    const theirs = await parseAcceptance(writeAcceptance(other, ids[1]));
    expect(mine.generation).toBe(theirs.generation);
    expect(provesFork(mine, theirs)).toBe(true);
    expect(provesFork(mine, await parseAcceptance(writeAcceptance(header, ids[1])))).toBe(false);
    const refusal = await parseAcceptance(writeAcceptance(other, ids[1], "not-linked"));
    expect(provesFork(mine, refusal)).toBe(false);
    expect(provesFork(mine, { ...theirs, generation: 2 })).toBe(false);
  });
});

describe("closings of generations", () => {
  it.each(documents.closings.cases)("$name", async (given) => {
    const header = await headerNamed(given.header);
    const accepts =
      given.accepts === null ? null : await parseAcceptances(decode(given.accepts), header);
    const found = await verifyGenerationClosing(
      decode(given.document),
      decode(given.signature),
      decode(documents.closings.server),
      header,
      accepts,
    ).then(
      () => null,
      (error: unknown) =>
        error instanceof SignatureError ? "signature" : (error as FormatError).field,
    );
    expect(found).toBe(given.field);
  });
});

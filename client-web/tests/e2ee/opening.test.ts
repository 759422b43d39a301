// Opening generations, as the vectors that Python reads as well have it.

import { describe, expect, it } from "vitest";

import { type Bytes, concat, decode, encode, equal } from "../../src/crypto/bytes";
import { GenerationError } from "../../src/crypto/errors";
import { digest, unseal, xwingPublic } from "../../src/crypto/suite";
import { type GenerationBoxes, parseBoxes } from "../../src/e2ee/boxes";
import { type GenerationHeader, parseGeneration } from "../../src/e2ee/generation-header";
import { openForWatching, openOuter, openPair } from "../../src/e2ee/opening";
import { PairKeys } from "../../src/e2ee/committing";
import { passagesInfo, sealPassages } from "../../src/e2ee/passages";
import { shortCode } from "../../src/e2ee/short-code";
import { openChunked, sealChunked } from "../../src/watching/chunked";
import { vectors } from "../vectors";
import { type Granted, openForTraining } from "./vault";

type Ranges = [number, number][];

interface Openings {
  header: string;
  boxes: string;
  owners: string[];
  slots: string;
  outer: {
    name: string;
    private: string;
    owner: string;
    box: string;
    key: string | null;
    code: string | null;
  }[];
  watching: {
    name: string;
    header: string | null;
    boxes: string | null;
    person: string;
    pair: string;
    code: string | null;
  }[];
  training: {
    name: string;
    header: string | null;
    boxes: string | null;
    granted: ({ pair: string } | { bundle: string; left_out: Ranges } | null)[];
    opened: Ranges | null;
    digest: string | null;
    lost: Ranges;
    code: string | null;
  }[];
  passages: {
    vault_private: string;
    key: string;
    salt: string;
    context: string;
    chunked: { name: string; plaintext: string; sealed: string }[];
    cases: {
      name: string;
      meeting: string;
      person: string;
      notice: string;
      sealed: string;
      digest: string | null;
    }[];
  };
  codes: { name: string; header: string; code: string[] }[];
}

const openings = vectors("openings") as Openings;

async function given(of: {
  header: string | null;
  boxes: string | null;
}): Promise<{ header: GenerationHeader; boxes: GenerationBoxes }> {
  const header = await parseGeneration(decode(of.header ?? openings.header));
  return { header, boxes: await parseBoxes(decode(of.boxes ?? openings.boxes), header) };
}

async function codeOf(attempt: Promise<unknown>): Promise<string | null> {
  try {
    await attempt;
    return null;
  } catch (error) {
    if (!(error instanceof GenerationError)) throw error;
    return error.code;
  }
}

function slotsIn(ranges: Ranges): number[] {
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at),
  );
}

describe("the outer key", () => {
  it.each(openings.outer)("$name", async (of) => {
    const header = await parseGeneration(decode(openings.header));
    const opening = openOuter(decode(of.private), decode(of.box), header, decode(of.owner));
    expect(await codeOf(opening)).toBe(of.code);
    if (of.key !== null) expect(encode(await opening)).toBe(of.key);
  });
});

describe("watching", () => {
  it.each(openings.watching)("$name", async (of) => {
    const { header, boxes } = await given(of);
    const opening = openForWatching(header, boxes, decode(of.person), decode(of.pair));
    expect(await codeOf(opening)).toBe(of.code);
    if (of.code === null) {
      expect(encode(await digest(concat(...(await opening))))).toBe(openings.slots);
    }
  });
});

describe("what was granted", () => {
  it.each(openings.training)("$name", async (of) => {
    const { header, boxes } = await given(of);
    const granted = new Map<string, Granted>();
    of.granted.forEach((each, at) => {
      if (each === null) return;
      granted.set(
        openings.owners[at] ?? "",
        "pair" in each
          ? { pair: decode(each.pair) }
          : { bundle: decode(each.bundle), leftOut: new Set(slotsIn(each.left_out)) },
      );
    });
    const opening = openForTraining(header, boxes, granted);
    expect(await codeOf(opening)).toBe(of.code);
    if (of.code !== null) return;
    const { secrets, lost } = await opening;
    expect([...secrets.keys()]).toEqual(slotsIn(of.opened ?? []));
    expect([...lost]).toEqual(slotsIn(of.lost));
    expect(encode(await digest(concat(...secrets.values())))).toBe(of.digest);
  });
});

describe("a pair key", () => {
  const meeting = new Uint8Array(16).fill(1);
  const [committer, owner, secret] = [2, 3, 4].map((byte) => new Uint8Array(32).fill(byte)) as [
    Bytes,
    Bytes,
    Bytes,
  ];

  it("is sealed once for each key, and opens in its place alone", async () => {
    const pairs = new PairKeys(meeting, committer);
    const publicKey = await xwingPublic(secret);
    const box = await pairs.seal("page", owner, publicKey);
    if (box === null) throw new Error("it was sealed before");
    const place = { purpose: "page", meeting, committer, owner } as const;
    const key = pairs.key("page", owner);
    expect(await openPair(secret, box, place)).toEqual(key);
    expect(pairs.of(owner)).toEqual({ page: key, watch: null, train: null });
    expect(await pairs.seal("page", owner, publicKey)).toBeNull();
    for (const other of [
      { ...place, purpose: "watch" as const },
      { ...place, meeting: new Uint8Array(16) },
      { ...place, committer: owner },
      { ...place, owner: committer },
    ]) {
      expect(await codeOf(openPair(secret, box, other))).toBe("bad-pair");
    }
    expect(await codeOf(openPair(owner, box, place))).toBe("bad-pair");
    // The key of that person's next page is another one.
    const next = await xwingPublic(owner);
    expect(await pairs.seal("page", owner, next)).not.toBeNull();
    expect(pairs.key("page", owner)).not.toEqual(key);
    expect(() => pairs.key("train", owner)).toThrow(RangeError);
  });

  it("is 32 bytes", async () => {
    const short = new PairKeys(meeting, committer, (length) => new Uint8Array(length - 1));
    const box = await short.seal("page", owner, await xwingPublic(secret));
    const place = { purpose: "page", meeting, committer, owner } as const;
    expect(await codeOf(openPair(secret, box ?? new Uint8Array(), place))).toBe("bad-pair");
  });
});

describe("passages", () => {
  const { passages } = openings;
  const privateKey = decode(passages.vault_private);
  const BOX = 1168;

  async function open(sealed: Bytes, info: Bytes): Promise<Bytes> {
    const key = await unseal(privateKey, sealed.slice(0, BOX), info);
    return openChunked(key, await digest(info), sealed.slice(BOX));
  }

  it.each(passages.chunked)("$name, sealed as Python seals it", async (of) => {
    const [key, context, salt] = [passages.key, passages.context, passages.salt].map((text) =>
      decode(text),
    ) as [Bytes, Bytes, Bytes];
    const sealed = await sealChunked(key, context, decode(of.plaintext), salt);
    expect(equal(sealed, decode(of.sealed))).toBe(true);
    expect(equal(await openChunked(key, context, sealed), decode(of.plaintext))).toBe(true);
  });

  it.each(passages.cases)("$name", async (of) => {
    const info = passagesInfo(decode(of.meeting), decode(of.person), decode(of.notice));
    const opening = open(decode(of.sealed), info);
    if (of.digest === null) await expect(opening).rejects.toThrow();
    else expect(encode(await digest(await opening))).toBe(of.digest);
  });

  it("sealed here open there", async () => {
    const info = passagesInfo(new Uint8Array(16), new Uint8Array(32), new Uint8Array(32));
    const bundle = Uint8Array.from({ length: 70_000 }, (_, at) => at & 0xff);
    const sealed = await sealPassages(bundle, await xwingPublic(privateKey), info);
    expect(equal(await open(sealed, info), bundle)).toBe(true);
  });
});

describe("the short code", () => {
  it.each(openings.codes)("of $name", async (of) => {
    expect(await shortCode(await parseGeneration(decode(of.header)))).toEqual(of.code);
  });
});

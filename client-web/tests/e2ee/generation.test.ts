// How E reaches people: tags, pair keys and wraps, as the vectors that Python reads as well have them.

import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { SealError } from "../../src/crypto/errors";
import { seal, unseal, xwingPublic } from "../../src/crypto/suite";
import {
  generationPlace,
  pairInfo,
  type Purpose,
  secretTag,
  treeRoot,
  unwrapSecret,
  wrapSecret,
  type Wrapping,
} from "../../src/e2ee/generation";
import { vectors } from "../vectors";

interface Generation {
  places: {
    meeting: string;
    generation: number;
    previous: string;
    committer: string;
    secret_key: string;
    place: string;
    tag: string;
  }[];
  pairs: {
    name: string;
    private: string;
    purpose: Purpose;
    meeting: string;
    committer: string;
    owner: string;
    box: string;
    pair_key: string | null;
    info?: string;
  }[];
  wraps: {
    name: string;
    pair_key: string;
    purpose: Wrapping;
    owner: string;
    header: string;
    wrapped: string;
    place: string;
    tag: string;
    secret_key: string | null;
  }[];
}

const given = vectors("generation") as Generation;
const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

describe("generations", () => {
  it.each(given.places)("stand in a place: $generation", (known) => {
    const [previous, committer] = [decode(known.previous), decode(known.committer)];
    const place = generationPlace(decode(known.meeting), known.generation, previous, committer);
    expect(encode(place)).toBe(known.place);
    expect(encode(secretTag(decode(known.secret_key), place))).toBe(known.tag);
    if (previous.every((byte) => byte === 0)) {
      expect(generationPlace(decode(known.meeting), known.generation, null, committer)).toEqual(
        place,
      );
    }
  });

  it.each([0, 2 ** 24, 1.5])("are not numbered %d", (number) => {
    expect(() => generationPlace(new Uint8Array(16), number, one, two)).toThrow(RangeError);
  });
});

describe("pair keys", () => {
  it.each(given.pairs)("$name", async (known) => {
    const secret = decode(known.private);
    const info = pairInfo(
      known.purpose,
      decode(known.meeting),
      decode(known.committer),
      decode(known.owner),
      await xwingPublic(secret),
    );
    const opened = unseal(secret, decode(known.box), info);
    if (known.pair_key === null) {
      await expect(opened).rejects.toThrow(SealError);
      return;
    }
    expect(encode(info)).toBe(known.info);
    expect(encode(await opened)).toBe(known.pair_key);
    const again = await seal(await xwingPublic(secret), decode(known.pair_key), info);
    expect(encode(await unseal(secret, again, info))).toBe(known.pair_key);
  });

  it("are of keys that are whole", () => {
    expect(() => pairInfo("page", new Uint8Array(16), one, two, one)).toThrow(RangeError);
    expect(() => pairInfo("page", one, one, two, new Uint8Array(1216))).toThrow(RangeError);
  });
});

describe("wraps of E", () => {
  it.each(given.wraps)("$name", async (known) => {
    const context = {
      pairKey: decode(known.pair_key),
      purpose: known.purpose,
      owner: decode(known.owner),
      header: decode(known.header),
    };
    const [wrapped, place, tag] = [known.wrapped, known.place, known.tag].map((text) =>
      decode(text),
    ) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
    const opened = unwrapSecret(context, wrapped, place, tag);
    if (known.secret_key === null) {
      await expect(opened).rejects.toThrow(SealError);
      return;
    }
    expect(encode(await opened)).toBe(known.secret_key);
    expect(encode(await wrapSecret(context, await opened))).toBe(known.wrapped);
  });

  it("that hold another E than the header names are refused for that alone", async () => {
    const foreign = given.wraps.find(({ name }) => name.startsWith("another secret"));
    if (foreign === undefined) throw new Error("no vector");
    const context = {
      pairKey: decode(foreign.pair_key),
      purpose: foreign.purpose,
      owner: decode(foreign.owner),
      header: decode(foreign.header),
    };
    const wrapped = decode(foreign.wrapped);
    await expect(
      unwrapSecret(context, wrapped, decode(foreign.place), decode(foreign.tag)),
    ).rejects.toThrow(/header names/);
  });
});

describe("roots", () => {
  it("of two headers in one place, or of two owners, have nothing in common", () => {
    const roots = [
      treeRoot(one, one, one, one),
      treeRoot(one, one, one, two),
      treeRoot(one, two, one, one),
      treeRoot(one, one, two, one),
      treeRoot(two, one, one, one),
    ];
    expect(new Set(roots.map(encode)).size).toBe(roots.length);
    expect(() => treeRoot(one.subarray(1), one, one, one)).toThrow(RangeError);
  });
});

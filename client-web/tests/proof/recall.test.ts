import { describe, expect, it } from "vitest";

import { decode } from "../../src/crypto/bytes";
import { checkRecall } from "../../src/proof/recall";
import { vectors } from "../vectors";

interface Vectors {
  readonly meeting: string;
  readonly export: string;
  readonly vaults: readonly string[];
  readonly opening: string;
  readonly at: number;
  readonly cases: readonly { name: string; line: string; valid: boolean }[];
}

const given = vectors("recalls") as Vectors;
const of = { meeting: decode(given.meeting), exportId: decode(given.export) };
const vaults = given.vaults.map((key) => decode(key));

describe("recalls", () => {
  it.each(given.cases)("of the vectors: $name", async ({ line, valid }) => {
    const found = await checkRecall(line, of, vaults);
    expect(found !== null).toBe(valid);
    if (found !== null) expect(found.at).toBe(given.at);
  });

  it("are nobody's without the vault's key", async () => {
    const [good] = given.cases;
    expect(await checkRecall(good?.line ?? "", of, [])).toBeNull();
    expect(await checkRecall(good?.line ?? "", of, vaults.slice(1))).toBeNull();
  });

  it("are not the line that opens a feed, nor one that is too long", async () => {
    const [good] = given.cases;
    expect(await checkRecall(given.opening, of, vaults)).toBeNull();
    expect(await checkRecall(`${good?.line ?? ""}${" ".repeat(4096)}`, of, vaults)).toBeNull();
  });
});

// What a page says of a header: every code of FORMAT-2.md section 6, and what is fine beside it.

import { describe, expect, it } from "vitest";

import { decode } from "../../src/crypto/bytes";
import { PROBLEMS } from "../../src/e2ee/acceptance";
import { checkFollowed, checkGeneration } from "../../src/e2ee/checking";
import {
  type Case,
  checks,
  evidenceOf,
  knowledgeAfter,
  ownPage,
  pagesByDigest,
  pairsOf,
  text,
} from "./world";

async function situation(given: Case) {
  const pages = await pagesByDigest(given.changes.pages);
  return {
    known: await knowledgeAfter(given.known, pages),
    evidence: evidenceOf(pages, given.changes),
    own: ownPage(given.changes),
    header: {
      body: text(given.header),
      signature: decode(given.signature),
      boxes: text(given.boxes),
      pairs: pairsOf(given.pairs),
    },
  };
}

describe("a header", () => {
  it.each(checks.cases)("$name: $problem", async (given) => {
    const { known, evidence, own, header } = await situation(given);
    const found = await checkGeneration(known, evidence, own, header);
    expect(found.problem).toBe(given.problem);
    // Nothing is opened of a header that is not accepted.
    expect("secret" in found).toBe(given.problem === null);
  });

  it("has a case for each problem, and one that is fine", () => {
    const found = new Set(checks.cases.map(({ problem }) => problem));
    expect([...found].sort()).toEqual([null, ...PROBLEMS].sort());
  });

  // Who only follows checks what does not concern them; of the other codes nothing is seen.
  it.each(checks.cases)("followed, $name", async (given) => {
    const { known, evidence, own, header } = await situation(given);
    const found = await checkFollowed(known, evidence, own, header);
    const first = PROBLEMS.slice(0, PROBLEMS.indexOf("people-missing") + 1) as readonly unknown[];
    expect(found.problem).toBe(first.includes(given.problem) ? given.problem : null);
  });

  it("leaves what was known as it was", async () => {
    const [given] = checks.cases.filter(({ name }) => name === "recorded once more");
    if (given === undefined) throw new Error("the case is gone");
    const { known, evidence, own, header } = await situation(given);
    const before = structuredClone(known);
    await checkGeneration(known, evidence, own, header);
    expect(known).toEqual(before);
  });
});

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import type { Charter } from "../../src/crypto/charter";
import { factsOf as allFactsOf } from "../../src/pages/receipt/data-set-facts";
import { checkReceipt, type Receipt } from "../../src/proof/check";
import { vectors } from "../vectors";

const { export: EXPORT, ...recalls } = vectors("recalls") as {
  meeting: string;
  export: string;
  vaults: [string, string];
  at: number;
  cases: { name: string; line: string; valid: boolean }[];
};
const MEETING = { meeting: decode(recalls.meeting), vault: decode(recalls.vaults[0]) } as Charter;
const FETCHED = { first_at: 1, last_at: 2 };

/** What is known of the first, where there is one at most. */
async function factsOf(
  told: Parameters<typeof allFactsOf>[0][number] | null,
  charter: Charter,
  found: Receipt | null,
) {
  const [first, ...others] = await allFactsOf(told === null ? [] : [told], charter, found);
  expect(others).toEqual([]);
  return first ?? null;
}

async function receipt(name: string): Promise<Receipt> {
  const file = `../../../tests/vectors/receipts/good-${name}.assent-receipt.json`;
  const body = readFileSync(new URL(file, import.meta.url));
  const { receipt: found } = await checkReceipt(body, { server: null, vault: null });
  if (found === null) throw new Error("it holds");
  return found;
}

/** What a server says that says what the log does. */
async function honest(name: string, changed: object = {}) {
  const found = await receipt(name);
  const [record] = found.records.flatMap(({ record }) =>
    record.kind === "exported" ? [record] : [],
  );
  if (record === undefined) throw new Error("it was exported");
  const told = {
    data_set: encode(record.exportId),
    at: record.at,
    manifest: encode(record.manifest),
    recipient: record.recipient,
    purpose: record.purpose,
    recall: null,
    ...changed,
  };
  return { found, told };
}

function toldOf(name: string) {
  const line = recalls.cases.find((one) => one.name === name)?.line ?? "";
  return {
    data_set: EXPORT,
    at: 1,
    manifest: null,
    recipient: "An Institute",
    purpose: "research",
    recall: { line, fetched: FETCHED },
  };
}

describe("the data set of a meeting", () => {
  it("is what the log says where a receipt shows it", async () => {
    const { found, told } = await honest("course-given-to-somebody-for-something");
    expect(told.recipient).not.toBeNull();
    const facts = await factsOf(told, found.charter, found);
    expect(facts).toMatchObject({ basis: "log", before: false, recipient: told.recipient });
    // Also where the server says nothing.
    expect(await factsOf(null, found.charter, found)).toMatchObject({
      basis: "differs",
      dataSet: told.data_set,
      recipient: told.recipient,
    });
  });

  it.each([{ recipient: "Somebody else" }, { purpose: "something else" }, { manifest: null }])(
    "is told to differ where the server says %o",
    async (changed) => {
      const { found, told } = await honest("course-given-to-somebody-for-something", changed);
      const facts = await factsOf(told, found.charter, found);
      const { told: logged } = await honest("course-given-to-somebody-for-something");
      expect(facts).toMatchObject({
        basis: "differs",
        dataSet: logged.data_set,
        manifest: logged.manifest,
        recipient: logged.recipient,
        purpose: logged.purpose,
      });
    },
  );

  it("is another where the server says so: the log's is told first, and to differ", async () => {
    const changed = { data_set: EXPORT };
    const { found, told } = await honest("course-given-to-somebody-for-something", changed);
    const facts = await allFactsOf([told], found.charter, found);
    expect(facts.map((one) => [one.dataSet === EXPORT, one.basis])).toEqual([
      [false, "differs"],
      [true, "server"],
    ]);
  });

  it("is each of several, the last first", async () => {
    const { found, told } = await honest("course-exported-and-for-somebody-else-again");
    const facts = await allFactsOf([told], found.charter, found);
    expect(facts.map((one) => [one.recipient, one.before, one.basis])).toEqual([
      ["Another Institute", false, "differs"], // of which the server says nothing
      [null, true, "log"],
    ]);
    expect(new Set(facts.map((one) => one.dataSet)).size).toBe(2);
  });

  it("has no recipient where the log had none yet, whatever the server says", async () => {
    const { found, told } = await honest("exported-and-destroyed", { recipient: "Made up" });
    expect(await factsOf(told, found.charter, found)).toMatchObject({
      basis: "log",
      before: true,
      recipient: null,
      purpose: null,
    });
  });

  it("was given to nobody in particular where nobody has said to whom", async () => {
    const { found, told } = await honest("course-given-to-nobody-in-particular");
    expect(await factsOf(told, found.charter, found)).toMatchObject({
      basis: "log",
      before: false,
      recipient: null,
    });
  });

  it("is the server's word without a receipt that has it", async () => {
    const { found, told } = await honest("course-given-to-somebody-for-something");
    const facts = await factsOf(told, found.charter, null);
    expect(facts).toMatchObject({ basis: "server", recipient: told.recipient });
    expect(await factsOf(null, found.charter, null)).toBeNull();
  });
});

describe("its recall", () => {
  it("is believed by the signature alone", async () => {
    expect(await factsOf(toldOf("withdrawn"), MEETING, null)).toMatchObject({
      recall: { reason: "withdrawn", at: recalls.at },
      fetched: FETCHED,
    });
  });

  it.each(recalls.cases.filter((one) => !one.valid))("is not: $name", async ({ name }) => {
    const none = { records: [] } as unknown as Receipt;
    const facts = await factsOf(toldOf(name), MEETING, none);
    expect(facts).toMatchObject({ recall: "untrue", fetched: null });
    expect(await factsOf(toldOf(name), MEETING, null)).toMatchObject({ recall: "unchecked" });
  });

  it("is believed of who has adopted the meeting, where a receipt shows that", async () => {
    const told = toldOf("deleted, by who has adopted it");
    const adopted = {
      records: [{ record: { kind: "adopted", vault: decode(recalls.vaults[1]) } }],
    } as unknown as Receipt;
    expect(await factsOf(told, MEETING, null)).toMatchObject({ recall: "unchecked" });
    expect(await factsOf(told, MEETING, adopted)).toMatchObject({
      recall: { reason: "deleted", at: recalls.at },
    });
  });
});

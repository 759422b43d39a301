// Making a generation: what one page makes, every other one accepts; and what it costs.

import { describe, expect, it } from "vitest";

import { decode, encode, equal } from "../../src/crypto/bytes";
import { signer, verify } from "../../src/crypto/suite";
import { parseBoxes } from "../../src/e2ee/boxes";
import { checkGeneration } from "../../src/e2ee/checking";
import { type GenerationDraft, makeGeneration, PairKeys } from "../../src/e2ee/committing";
import { GENERATION_TYPE, parseGeneration, watchersOf } from "../../src/e2ee/generation-header";
import { NOTHING_KNOWN } from "../../src/e2ee/knowledge";
import { openForWatching, openPair, openSecret, slotsOf } from "../../src/e2ee/opening";
import { crowd } from "./crowd";
import { type Granted, openForTraining } from "./vault";
import { checks, evidenceOf, knowledgeAfter, ownPage, pagesByDigest, text } from "./world";

describe("a generation that was made", () => {
  it("opens for each who may watch, and for everyone together", async () => {
    const { draft, pairs, signer: key, secret } = await crowd(4);
    const made = await makeGeneration(draft, pairs, key);
    await verify(key.publicKey, GENERATION_TYPE, made.header.body, made.signature);
    const boxes = await parseBoxes(made.boxes, made.header);
    const slots = slotsOf(made.header, made.secret);
    for (const { id } of watchersOf(made.header)) {
      expect(await openForWatching(made.header, boxes, id, pairs.key("watch", id))).toEqual(slots);
    }
    const owners = [draft.recorded?.vault, ...draft.people.map(({ id }) => id)];
    const granted = new Map<string, Granted>();
    for (const owner of owners) {
      if (owner) granted.set(encode(owner), { pair: pairs.key("train", owner) });
    }
    const opened = await openForTraining(made.header, boxes, granted);
    expect([...opened.secrets.values()]).toEqual(slots);
    // Each of them alone is enough to keep it shut.
    for (const owner of granted.keys()) {
      const others = new Map([...granted].filter(([name]) => name !== owner));
      expect((await openForTraining(made.header, boxes, others)).secrets.size).toBe(0);
    }
    expect(secret.length).toBe(32);
  });

  it("of which nothing is recorded is wrapped for pages, with no other key", async () => {
    const { draft, pairs, signer: key } = await crowd(3);
    const people = draft.people.map((person) => ({ ...person, answer: null }));
    const made = await makeGeneration({ ...draft, people, recorded: null }, pairs, key);
    const boxes = await parseBoxes(made.boxes, made.header);
    expect([boxes.watch.size, boxes.page.size, boxes.wraps]).toEqual([0, 3, null]);
    for (const { id } of draft.people) {
      const { page, watch } = pairs.of(id);
      const open = (pair: typeof page) =>
        openSecret(made.header, boxes, id, { page: pair, watch: pair, train: pair });
      expect(await open(page)).toEqual(made.secret);
      await expect(open(watch)).rejects.toThrow();
    }
  });

  it("twice in one place has nothing in common with the first", async () => {
    const { draft, pairs, signer: key } = await crowd(2);
    const one = await makeGeneration(draft, pairs, key);
    const two = await makeGeneration(draft, pairs, key);
    expect(two.header.place).toEqual(one.header.place);
    const shares = one.header.recorded?.shares.map(encode) ?? [];
    expect(two.header.recorded?.shares.some((share) => shares.includes(encode(share)))).toBe(false);
  });

  it("with fifty people costs at most 64 kB of upload", async () => {
    const { draft, pairs, signer: key } = await crowd(50);
    const made = await makeGeneration(draft, pairs, key);
    const sent = made.header.body.length + made.boxes.length + made.signature.length;
    expect(sent).toBeLessThan(64_000);
  }, 60_000);

  it("is not made for somebody whom nothing was sealed to", async () => {
    const { draft, signer: key } = await crowd(2);
    const none = new PairKeys(draft.meeting, draft.committer ?? new Uint8Array(32));
    await expect(makeGeneration(draft, none, key)).rejects.toThrow(RangeError);
  });
});

describe("what a committer makes", () => {
  it("is accepted by the page that it is for, which opens its pair key itself", async () => {
    const pages = await pagesByDigest();
    const own = ownPage();
    const first = checks.cases.find(({ name }) => name === "the first");
    if (first === undefined) throw new Error("the case is gone");
    const header = await parseGeneration(text(first.header));
    const committer = header.committer ?? new Uint8Array(32);
    const pairs = new PairKeys(own.meeting, committer);
    const boxes = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const { id, page } of header.people) {
      const key = page && pages.get(encode(page))?.key;
      const box = key && (await pairs.seal("page", id, key));
      if (box) boxes.set(encode(id), box);
    }
    const draft: GenerationDraft = { ...header, recorded: null };
    // Anybody's signature will do where the evidence says so: here a key of this test's own.
    const ada = await signer(new Uint8Array(32).fill(1));
    const made = await makeGeneration(draft, pairs, ada);
    const evidence = evidenceOf(pages);
    const known = await knowledgeAfter([], pages);
    expect(known).toEqual(NOTHING_KNOWN);
    const mine = boxes.get(encode(own.person));
    if (mine === undefined) throw new Error("nothing was sealed to this page");
    const secret = pagePrivate();
    const place = { purpose: "page", meeting: own.meeting, committer, owner: own.person } as const;
    const opened = {
      page: await openPair(await secret, mine, place),
      watch: null,
      train: null,
    };
    const found = await checkGeneration(
      known,
      {
        ...evidence,
        enrolment: (of) => {
          const enrolment = evidence.enrolment(of);
          return enrolment && !equal(enrolment.person, own.person)
            ? { ...enrolment, sign: ada.publicKey }
            : enrolment;
        },
      },
      own,
      { body: made.header.body, signature: made.signature, boxes: made.boxes, pairs: opened },
    );
    expect(found.problem).toBeNull();
  });
});

/** The private key of Bo's pages in the vectors: what is fixed there is the digest of its name. */
async function pagePrivate(): Promise<Uint8Array<ArrayBuffer>> {
  const name = new TextEncoder().encode("page of Bo");
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", name));
  return decode(encode(found), 32);
}

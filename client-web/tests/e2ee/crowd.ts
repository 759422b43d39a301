// A recorded meeting with training and many people in it, as the page that commits has it.

import { type Bytes, compare } from "../../src/crypto/bytes";
import { digest, signer, type Signer, xwingPublic } from "../../src/crypto/suite";
import { type GenerationDraft, PairKeys } from "../../src/e2ee/committing";
import type { GenerationPerson } from "../../src/e2ee/generation-header";

export interface Crowd {
  readonly draft: GenerationDraft;
  readonly pairs: PairKeys;
  readonly signer: Signer;
  /** Private keys of one of them, whom all are here: pair keys are of owners, not of keys. */
  readonly secret: Bytes;
}

const meeting = new Uint8Array(16).fill(1);

function fixed(kind: number, number: number): Bytes {
  const bytes = new Uint8Array(32).fill(kind);
  new DataView(bytes.buffer).setUint32(0, number * 7919);
  return bytes;
}

/** `keys` are sealed to for real; one key stands for all of them, since making them takes long. */
export async function crowd(size: number): Promise<Crowd> {
  const ids = await Promise.all(
    Array.from({ length: size }, (_, number) => digest(fixed(1, number))),
  );
  ids.sort(compare);
  const people: GenerationPerson[] = ids.map((id, number) => ({
    id,
    enrolment: fixed(2, number),
    page: fixed(3, number),
    present: true,
    host: number === 0 ? fixed(4, number) : null,
    answer: fixed(5, number),
  }));
  const [committer] = people;
  if (committer?.page === undefined) throw new Error("nobody is there");
  const vault = fixed(6, 0);
  const secret = fixed(7, 0);
  const publicKey = await xwingPublic(secret);
  const pairs = new PairKeys(meeting, committer.page ?? vault);
  for (const { id } of people) {
    await pairs.seal("watch", id, publicKey);
    await pairs.seal("train", id, publicKey);
    await pairs.seal("page", id, publicKey);
  }
  await pairs.seal("train", vault, publicKey);
  return {
    draft: {
      meeting,
      generation: 9,
      previous: fixed(8, 0),
      charter: fixed(8, 1),
      committer: committer.page,
      people,
      removed: [],
      recorded: {
        number: 2,
        previous: fixed(8, 2),
        offset: 60_000,
        arm: fixed(8, 3),
        noticeVersion: 1,
        vault,
      },
      at: 1_750_000_000_000,
    },
    pairs,
    signer: await signer(fixed(9, 0)),
    secret,
  };
}

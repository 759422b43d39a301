// What a page knows of a meeting and must keep, so that it is never taken back to what was before
// (FORMAT-2.md, sections 5 and 8).
//
// Pure: each function gives what is known afterwards and leaves what was known as it is. It has
// nothing but numbers, digests and the newest header, no secret among it, and can be put into a
// store as it stands. A page that begins with what another page of the browser has kept goes on
// from there.

import { type Bytes, encode, equal } from "../crypto/bytes";
import { StaleStatement } from "../crypto/errors";
import { digest } from "../crypto/suite";
import type { GenerationHeader } from "./generation-header";

/** "the digests of `E` that it has seen, as far back as 1,024" */
export const MOST_SECRETS = 1_024;

/** An act of a host, whose signature has been verified; by whom it is has not been judged. */
export type HostAct = {
  readonly digest: Bytes;
  readonly by: Bytes;
  readonly sequence: number;
} & (
  | { readonly what: "arm"; readonly recording: boolean }
  | { readonly what: "admit"; readonly person: Bytes; readonly enrolment: Bytes }
  | { readonly what: "remove"; readonly person: Bytes }
  | { readonly what: "link"; readonly ordinal: number }
);

/** The newest of a row that never goes back. */
interface Newest {
  readonly sequence: number;
  readonly digest: Bytes;
}

export interface Knowledge {
  /** The newest header, whether this page was in it or only followed. */
  readonly last: GenerationHeader | null;
  /** Its signature: "after a restart the server is handed the newest header that any page has". */
  readonly signature: Bytes | null;
  readonly recorded: { readonly number: number; readonly header: Bytes } | null;
  /** Who was present in a header that this browser accepted, and was not removed since. */
  readonly met: ReadonlySet<string>;
  /** By person id: their newest page in a header; their newest answer, and whether it is a yes. */
  readonly pages: ReadonlyMap<string, Newest>;
  readonly answers: ReadonlyMap<string, Newest & { readonly yes: boolean }>;
  readonly act: Newest | null;
  readonly arm: { readonly digest: Bytes; readonly recording: boolean } | null;
  /** By person id: the enrolment that a host has let in; the acts that removed them. */
  readonly admitted: ReadonlyMap<string, Bytes>;
  readonly removed: ReadonlyMap<string, readonly Bytes[]>;
  /** Of the newest link. */
  readonly ordinal: number;
  /** Digests of E, oldest first, with the header each came with. */
  readonly secrets: ReadonlyMap<string, Bytes>;
}

export const NOTHING_KNOWN: Knowledge = {
  last: null,
  signature: null,
  recorded: null,
  met: new Set(),
  pages: new Map(),
  answers: new Map(),
  act: null,
  arm: null,
  admitted: new Map(),
  removed: new Map(),
  ordinal: 1,
  secrets: new Map(),
};

/**
 * Note an act. It must be by a proven host who had not been removed before, and "above all it has
 * seen, unless it is the very same"; throws StaleStatement where it is not.
 */
export function noteAct(known: Knowledge, act: HostAct, byHost: boolean): Knowledge {
  if (known.act !== null && act.sequence <= known.act.sequence) {
    if (act.sequence === known.act.sequence && equal(act.digest, known.act.digest)) return known;
    throw new StaleStatement("sequence", "is not above that of the last act");
  }
  if (!byHost || known.removed.has(encode(act.by))) {
    throw new StaleStatement("by", "is not a host, or one who was removed");
  }
  const after = { ...known, act: { sequence: act.sequence, digest: act.digest } };
  switch (act.what) {
    case "arm":
      return { ...after, arm: { digest: act.digest, recording: act.recording } };
    case "admit":
      return { ...after, admitted: added(known.admitted, encode(act.person), act.enrolment) };
    case "remove": {
      const person = encode(act.person);
      const acts = [...(known.removed.get(person) ?? []), act.digest];
      const met = new Set(known.met);
      met.delete(person);
      return { ...after, met, removed: added(known.removed, person, acts) };
    }
    case "link":
      if (act.ordinal !== known.ordinal + 1) {
        throw new StaleStatement("ordinal", "is not the next one");
      }
      return { ...after, ordinal: act.ordinal };
  }
}

/** Note an answer whose signature and place in its chain have been verified. */
export function noteAnswer(
  known: Knowledge,
  answer: Newest & { readonly person: Bytes; readonly recording: string },
): Knowledge {
  const person = encode(answer.person);
  const before = known.answers.get(person);
  if (before !== undefined && answer.sequence <= before.sequence) return known;
  const { sequence, digest: of } = answer;
  const newest = { sequence, digest: of, yes: answer.recording === "yes" };
  return { ...known, answers: added(known.answers, person, newest) };
}

/** Note a header that has been checked as far as it does not concern this page. */
export function noteFollowed(
  known: Knowledge,
  header: GenerationHeader,
  signature: Bytes,
): Knowledge {
  const { recorded } = header;
  return {
    ...known,
    last: header,
    signature,
    recorded: recorded ? { number: recorded.number, header: header.digest } : known.recorded,
  };
}

/** Note a header that has passed every check; `sequenceOf` has the sequence of each of its pages. */
export async function noteAccepted(
  known: Knowledge,
  header: GenerationHeader,
  signature: Bytes,
  secret: Bytes,
  sequenceOf: (page: Bytes) => number,
): Promise<Knowledge> {
  const met = new Set(known.met);
  const pages = new Map(known.pages);
  for (const { id, page, present } of header.people) {
    if (present) met.add(encode(id));
    if (page !== null) pages.set(encode(id), { sequence: sequenceOf(page), digest: page });
  }
  const secrets = new Map(known.secrets).set(encode(await digest(secret)), header.digest);
  for (const oldest of secrets.keys()) {
    if (secrets.size <= MOST_SECRETS) break;
    secrets.delete(oldest);
  }
  return { ...noteFollowed(known, header, signature), met, pages, secrets };
}

/** Whether this `E` came with another header before. */
export async function hasSeen(known: Knowledge, secret: Bytes, header: Bytes): Promise<boolean> {
  const before = known.secrets.get(encode(await digest(secret)));
  return before !== undefined && !equal(before, header);
}

function added<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return new Map(map).set(key, value);
}

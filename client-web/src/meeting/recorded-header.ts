// No ghosts, in headers of a relayed meeting's generations: each must name exactly the people whom this
// browser was shown, with the enrolments that they were shown with. Keys stand in enrolments, which are
// checked when somebody is introduced. (FORMAT-2.md, sections 6 and 14.) Pure; when a header is held
// against which view of the room is the watch's to say.

import { type Bytes, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { watchersOf } from "../e2ee/generation-header";
import type { RecordedHeader } from "../e2ee/recorded-header";
import type { GenerationSeen } from "../signalling/messages";

/** What can be wrong, in the words of tests/vectors/README.md. */
export type Ghost = NonNullable<GenerationSeen["problem"]>;

/** Somebody as they were shown first; the digest of their enrolment as base64url. */
export interface ShownPerson {
  readonly enrolment: string;
  readonly host: boolean;
}

/** What this browser knows when a header comes. */
export interface KnownBefore {
  readonly charter: Charter;
  /** Digest of the vault key document, where one is known. */
  readonly vault: Bytes | null;
  readonly me: {
    readonly person: Bytes;
    readonly enrolment: Bytes;
    /** Digests of all of one's own answers with a yes to recording. */
    readonly agreed: readonly Bytes[];
  };
  /** Everyone who was ever shown, by person id. */
  readonly seen: ReadonlyMap<string, ShownPerson>;
  readonly previous: { readonly number: number; readonly digest: Bytes } | null;
}

/** What is wrong with a header, whoever is there now; null where nothing is. */
export function checkRecordedHeader(header: RecordedHeader, known: KnownBefore): Ghost | null {
  const { charter, me, previous, vault } = known;
  const { recorded } = header;
  if (
    !equal(header.meeting, charter.meeting) ||
    !equal(header.charter, charter.digest) ||
    recorded.noticeVersion !== charter.noticeVersion ||
    recorded.training !== charter.training ||
    (vault !== null && recorded.vault !== null && !equal(recorded.vault, vault))
  ) {
    return "other-meeting";
  }
  // "`previous` is `recorded.previous`": only recorded generations are made in a relayed meeting.
  if (!same(header.previous, recorded.previous)) return "broken-chain";
  if (previous !== null) {
    const next = recorded.number === previous.number + 1;
    const linked = recorded.previous !== null && equal(recorded.previous, previous.digest);
    // Those while this browser was away were not shown to it; the order still holds.
    if (recorded.number <= previous.number || (next && !linked)) return "broken-chain";
  }
  const named = new Map(header.people.map((person) => [encode(person.id), person]));
  const mine = named.get(encode(me.person));
  if (mine === undefined) return "missing";
  if (!equal(mine.enrolment, me.enrolment)) return "wrong-keys";
  // Nobody is recorded on an answer that is not theirs: one of one's own that says yes is named.
  const { answer } = mine;
  if (mine.present && (answer === null || !me.agreed.some((one) => equal(one, answer)))) {
    return "stranger";
  }
  for (const [id, { enrolment }] of known.seen) {
    const person = named.get(id);
    if (person === undefined) return "missing";
    if (encode(person.enrolment) !== enrolment) return "wrong-keys";
  }
  return null;
}

/** Whether a header is for exactly the people of a view, and can be watched by no one else. */
export function comparePeople(
  header: RecordedHeader,
  view: ReadonlySet<string>,
  seen: ReadonlyMap<string, ShownPerson>,
): Ghost | null {
  const present = new Set(
    header.people.filter((person) => person.present).map(({ id }) => encode(id)),
  );
  for (const id of present) if (!view.has(id)) return "stranger";
  for (const id of view) if (!present.has(id)) return "missing";
  // Hosts can watch what they were not there for; nobody else can. Whoever came and left before
  // this browser was there is named, owns a share, and can open nothing.
  const absent = watchersOf(header).filter((person) => !person.present);
  return absent.every(({ id }) => seen.get(encode(id))?.host === true) ? null : "stranger";
}

function same(one: Bytes | null, other: Bytes | null): boolean {
  return one === null || other === null ? one === other : equal(one, other);
}

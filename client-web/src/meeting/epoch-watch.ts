// No ghosts: every header of an epoch that this browser is in is checked against what its person
// was shown. It must name exactly the people who were shown, with the keys they enrolled with, and
// for this person exactly the keys of this browser. What does not fit is said aloud.
//
// Headers and views of the room travel separately, so a header is compared with every view shown
// around the time it came, and a mismatch is only believed after no later view has explained it.

import { type ReadonlySignal, signal } from "@preact/signals";

import { type Bytes, decode, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { CryptoError } from "../crypto/errors";
import { type Header, parseHeader } from "../crypto/epoch";
import { digest } from "../crypto/suite";
import type { Epoch, EpochSeen, Room, RoomPerson } from "../signalling/messages";

/** What can be wrong, in the words of tests/vectors/README.md. */
export type Ghost = NonNullable<EpochSeen["problem"]>;

export interface Finding {
  readonly epoch: number;
  readonly header: Bytes;
  readonly problem: Ghost | null;
  /** How many people can open this stretch for watching. */
  readonly watchers: number;
}

export interface Me {
  readonly person: Bytes;
  readonly enrolment: Bytes;
  readonly watch: Bytes;
  readonly train: Bytes;
}

/** Somebody as they were shown: digests as base64url. */
export type SeenPerson = Pick<RoomPerson, "person" | "host" | "enrolment" | "watch" | "train">;

export interface Known {
  readonly charter: Charter;
  /** Digest of the vault key document, where one is known. */
  readonly vault: Bytes | null;
  readonly me: Me;
  /** Everyone who was ever shown, as they were shown first. */
  readonly seen: ReadonlyMap<string, SeenPerson>;
  readonly previous: { readonly epoch: number; readonly digest: Bytes } | null;
}

/** What is wrong with a header, whoever is there now; null where nothing is. */
export async function checkHeader(header: Header, known: Known): Promise<Ghost | null> {
  const { charter, me, previous, vault } = known;
  if (
    !equal(header.meeting, charter.meeting) ||
    !equal(header.charter, charter.digest) ||
    header.noticeVersion !== charter.noticeVersion ||
    header.training !== charter.training ||
    (vault !== null && header.vault !== null && !equal(header.vault, vault))
  ) {
    return "other-meeting";
  }
  if (previous !== null) {
    const next = header.epoch === previous.epoch + 1;
    const linked = header.previous !== null && equal(header.previous, previous.digest);
    // Epochs while this browser was away were not shown to it; the order still holds.
    if (header.epoch <= previous.epoch || (next && !linked)) return "broken-chain";
  }
  const named = new Map(header.people.map((person) => [encode(person.id), person]));
  const mine = named.get(encode(me.person));
  if (mine === undefined) return "missing";
  if (
    !equal(mine.enrolment, me.enrolment) ||
    !equal(mine.watch, me.watch) ||
    !equal(mine.train, me.train)
  ) {
    return "wrong-keys";
  }
  for (const [id, shown] of known.seen) {
    const person = named.get(id);
    if (person === undefined) return "missing";
    if (
      encode(person.enrolment) !== shown.enrolment ||
      encode(await digest(person.watch)) !== shown.watch ||
      encode(await digest(person.train)) !== shown.train
    ) {
      return "wrong-keys";
    }
  }
  return null;
}

/** Whether a header is for exactly the people of a view, and can be opened by no one else. */
export function comparePresence(
  header: Header,
  view: ReadonlySet<string>,
  seen: ReadonlyMap<string, SeenPerson>,
): Ghost | null {
  const named = header.people.map((person) => ({ ...person, id: encode(person.id) }));
  const present = new Set(named.filter((person) => person.present).map(({ id }) => id));
  for (const id of present) if (!view.has(id)) return "stranger";
  for (const id of view) if (!present.has(id)) return "missing";
  // Hosts can watch what they were not there for; nobody else can. Whoever came and left before
  // this browser was there is named, owns a share, and can open nothing.
  const absent = named.filter((person) => person.watches && !person.present);
  return absent.every(({ id }) => seen.get(id)?.host === true) ? null : "stranger";
}

/** Views this much older than a header still explain it, and those this much younger. */
const BEFORE_MS = 3000;
const AFTER_MS = 2000;

interface Waiting {
  readonly header: Header;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class EpochWatch {
  /** What was found in the latest header. */
  readonly finding: ReadonlySignal<Finding | null>;
  /** The first thing that was ever wrong; it does not go away. */
  readonly alarm: ReadonlySignal<Finding | null>;

  readonly #finding = signal<Finding | null>(null);
  readonly #alarm = signal<Finding | null>(null);
  readonly #charter: Charter;
  readonly #me: Me;
  readonly #vault: () => Bytes | null;
  readonly #report: (finding: Finding) => void;
  readonly #now: () => number;
  readonly #seen = new Map<string, SeenPerson>();
  #views: { at: number; people: ReadonlySet<string> }[] = [];
  #waiting: Waiting | null = null;
  #previous: { epoch: number; digest: Bytes } | null = null;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    charter: Charter,
    me: Me,
    vault: () => Bytes | null,
    report: (finding: Finding) => void,
    now: () => number,
  ) {
    this.finding = this.#finding;
    this.alarm = this.#alarm;
    this.#charter = charter;
    this.#me = me;
    this.#vault = vault;
    this.#report = report;
    this.#now = now;
  }

  handleRoom(room: Room): void {
    if (room.you.state !== "admitted") return;
    for (const person of [...room.people, ...room.absent_hosts]) {
      if (!this.#seen.has(person.person)) this.#seen.set(person.person, person);
    }
    const people = new Set(room.people.map(({ person }) => person));
    const now = this.#now();
    this.#views = [...this.#views.filter(({ at }) => now - at < BEFORE_MS), { at: now, people }];
    const waiting = this.#waiting;
    if (waiting !== null && comparePresence(waiting.header, people, this.#seen) === null) {
      this.#settle(waiting, null);
    }
  }

  /** Checked one after the other; resolves when this one has been, or waits for a view. */
  handleEpoch(message: Epoch): Promise<void> {
    this.#queue = this.#queue.then(() => this.#check(message));
    return this.#queue;
  }

  stop(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting.timer);
    this.#waiting = null;
  }

  async #check(message: Epoch): Promise<void> {
    this.stop(); // an epoch that is over needs no explanation any more
    const body = decode(message.header);
    let header: Header;
    try {
      header = await parseHeader(body);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      this.#say({
        epoch: message.epoch,
        header: await digest(body),
        problem: "bad-document",
        watchers: 0,
      });
      return;
    }
    const problem = await checkHeader(header, {
      charter: this.#charter,
      vault: this.#vault(),
      me: this.#me,
      seen: this.#seen,
      previous: this.#previous,
    });
    this.#previous = { epoch: header.epoch, digest: header.digest };
    if (problem !== null) {
      this.#say(found(header, problem));
      return;
    }
    if (this.#views.some(({ people }) => comparePresence(header, people, this.#seen) === null)) {
      this.#say(found(header, null));
      return;
    }
    const waiting: Waiting = {
      header,
      timer: setTimeout(() => {
        const latest = this.#views.at(-1)?.people ?? new Set();
        this.#settle(waiting, comparePresence(header, latest, this.#seen));
      }, AFTER_MS),
    };
    this.#waiting = waiting;
  }

  #settle(waiting: Waiting, problem: Ghost | null): void {
    if (this.#waiting !== waiting) return;
    this.stop();
    this.#say(found(waiting.header, problem));
  }

  #say(finding: Finding): void {
    this.#finding.value = finding;
    if (finding.problem !== null) this.#alarm.value ??= finding;
    this.#report(finding);
  }
}

function found(header: Header, problem: Ghost | null): Finding {
  return {
    epoch: header.epoch,
    header: header.digest,
    problem,
    watchers: header.people.filter((person) => person.watches).length,
  };
}

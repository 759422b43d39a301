// No ghosts: every header of a recorded generation that this browser is in is checked against what its
// person was shown. It must name exactly the people who were shown, with the enrolments they were shown
// with, and rest on an answer of this person's own. What does not fit is said aloud.
//
// Headers and views of the room travel separately, so a header is compared with every view shown
// around the time it came, and a mismatch is only believed after no later view has explained it.

import { type ReadonlySignal, signal } from "@preact/signals";

import { type Bytes, decode, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { digest } from "../crypto/suite";
import { watchersOf } from "../e2ee/generation-header";
import { readRecordedHeader, type RecordedHeader } from "../e2ee/recorded-header";
import type { Generation, Room } from "../signalling/messages";
import {
  checkRecordedHeader,
  comparePeople,
  type Ghost,
  type ShownPerson,
} from "./recorded-header";

export interface Finding {
  readonly number: number;
  /** Its digest, in base64url. */
  readonly header: string;
  readonly problem: Ghost | null;
  /** How many people can open this stretch for watching. */
  readonly watchers: number;
}

export interface Me {
  readonly person: Bytes;
  readonly enrolment: Bytes;
  /** Digests of one's own answers that say yes to recording; `named` is one that there should be. */
  agreed(named: Bytes | null): Promise<readonly Bytes[]>;
}

/** Views this much older than a header still explain it, and those this much younger. */
const BEFORE_MS = 3000;
const AFTER_MS = 2000;

interface Waiting {
  readonly header: RecordedHeader;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class GenerationWatch {
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
  /** Everyone who was ever shown, as they were shown first. */
  readonly #seen = new Map<string, ShownPerson>();
  #views: { at: number; people: ReadonlySet<string> }[] = [];
  #waiting: Waiting | null = null;
  #previous: { number: number; digest: Bytes } | null = null;
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
    for (const { enrolment, host, person } of [...room.people, ...room.absent_hosts]) {
      if (!this.#seen.has(person)) this.#seen.set(person, { enrolment, host });
    }
    const people = new Set(room.people.map(({ person }) => person));
    const now = this.#now();
    this.#views = [...this.#views.filter(({ at }) => now - at < BEFORE_MS), { at: now, people }];
    const waiting = this.#waiting;
    if (waiting !== null && comparePeople(waiting.header, people, this.#seen) === null) {
      this.#settle(waiting, null);
    }
  }

  /** Checked one after the other; resolves when this one has been, or waits for a view. */
  handleGeneration(message: Generation): Promise<void> {
    this.#queue = this.#queue.then(() => this.#check(message));
    return this.#queue;
  }

  stop(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting.timer);
    this.#waiting = null;
  }

  async #check(message: Generation): Promise<void> {
    this.stop(); // a generation that is over needs no explanation any more
    const body = decode(message.header);
    const header = await readRecordedHeader(body, decode(message.signature), this.#charter.server);
    if (header === null) {
      this.#say({
        number: message.number,
        header: encode(await digest(body)),
        problem: "bad-document",
        watchers: 0,
      });
      return;
    }
    const { enrolment, person } = this.#me;
    const mine = header.people.find(({ id }) => equal(id, person));
    const problem = checkRecordedHeader(header, {
      charter: this.#charter,
      vault: this.#vault(),
      me: { person, enrolment, agreed: await this.#me.agreed(mine?.answer ?? null) },
      seen: this.#seen,
      previous: this.#previous,
    });
    this.#previous = { number: header.recorded.number, digest: header.digest };
    if (problem !== null) {
      this.#say(found(header, problem));
      return;
    }
    if (this.#views.some(({ people }) => comparePeople(header, people, this.#seen) === null)) {
      this.#say(found(header, null));
      return;
    }
    const waiting: Waiting = {
      header,
      timer: setTimeout(() => {
        const latest = this.#views.at(-1)?.people ?? new Set();
        this.#settle(waiting, comparePeople(header, latest, this.#seen));
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

function found(header: RecordedHeader, problem: Ghost | null): Finding {
  return {
    number: header.recorded.number,
    header: encode(header.digest),
    problem,
    watchers: watchersOf(header).length,
  };
}

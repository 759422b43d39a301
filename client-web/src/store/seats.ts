// What this browser keeps of each meeting, in IndexedDB: the seat, and the seed that all of a
// person's keys come from. The seed leaves this browser only in the link its person is shown.
//
// A meeting is released only with the keys of everybody who was in it, so a seed that was drawn is
// never written over and never thrown away. Several pages of one browser may be at one door at once:
// each offers what it has, one transaction decides, and all go on with what is kept.

import { Refused } from "../api/errors";
import type { Notice, SignedDocument } from "../api/types";
import { type Bytes, equal } from "../crypto/bytes";
import { Database, FORMER, SEATS } from "./database";
import { completed, done } from "./requests";

/** What stands after `#` in a link, and which link of its meeting that is. */
export interface StoredLink {
  readonly fragment: string;
  readonly ordinal: number;
}

export interface StoredSeat {
  /** Meeting id, base64url. */
  readonly meeting: string;
  readonly token: string;
  readonly host: boolean;
  readonly title: string;
  readonly charter: string;
  /** The room document that the link pins. */
  readonly room: string;
  /** The link that the person came by; null where a host came without one. */
  readonly link: StoredLink | null;
  readonly vaultKey: SignedDocument | null;
  readonly notices: readonly Notice[];
  readonly nameLimit: number;
  readonly name: string;
  /** From the moment the person first asks to be let in. */
  readonly seed: Bytes | null;
  /** What the digest of the name in the enrolment is salted with, base64url; there with it. */
  readonly salt: string | null;
  /** The exact bytes that were sent: sending them again changes nothing. */
  readonly enrolment: SignedDocument | null;
  readonly savedAt: number;
}

export interface SeatStore {
  /** False where the browser keeps nothing longer than the page. */
  readonly lasting: boolean;
  find(meeting: string): Promise<StoredSeat | null>;
  /** Keep a seat as far as `settle` has it; resolves with what is kept now. */
  adopt(offered: StoredSeat): Promise<StoredSeat>;
  /** Take back an enrolment that was refused for the name in it; the seed stays. */
  unsign(meeting: string, document: string): Promise<void>;
  /** Put the seat of a meeting aside, so that another can be taken. Its seed stays. */
  setAside(meeting: string): Promise<void>;
  /** The seats of a meeting that were put aside, oldest first. */
  former(meeting: string): Promise<StoredSeat[]>;
  /** Newest first, without those put aside. */
  all(): Promise<StoredSeat[]>;
}

/** What is kept when a seat is offered where one may be kept already. */
export function settle(kept: StoredSeat | null, offered: StoredSeat): StoredSeat {
  if (kept === null) return offered;
  if (kept.seed === null) return offered;
  // The token belongs to the keys: somebody with other keys is somebody else.
  if (offered.seed === null || !equal(kept.seed, offered.seed)) return kept;
  if (kept.enrolment === null) return { ...offered, token: kept.token };
  // What was signed belongs together: the name, the salt of its digest, and the statement.
  const { enrolment, name, salt } = kept;
  return { ...offered, token: kept.token, enrolment, name, salt };
}

export function unsigned(seat: StoredSeat): StoredSeat {
  return { ...seat, enrolment: null, salt: null };
}

/** Open the browser's store; where it gives none, one that lasts as long as the page. */
export async function openSeats(factory: () => IDBFactory = () => indexedDB): Promise<SeatStore> {
  try {
    const database = new Database(factory());
    await database.get();
    return new StoredSeats(database);
  } catch {
    return new PassingSeats();
  }
}

class StoredSeats implements SeatStore {
  readonly lasting = true;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(meeting: string): Promise<StoredSeat | null> {
    const database = await this.#database.get();
    const found: unknown = await done(database.transaction(SEATS).objectStore(SEATS).get(meeting));
    return (found as StoredSeat | undefined) ?? null;
  }

  adopt(offered: StoredSeat): Promise<StoredSeat> {
    let kept = offered;
    return this.#write([SEATS], (transaction) => {
      const seats = transaction.objectStore(SEATS);
      const asked = seats.get(offered.meeting);
      asked.onsuccess = () => {
        const before = (asked.result as StoredSeat | undefined) ?? null;
        kept = settle(before, offered);
        if (kept !== before) seats.put(kept);
      };
    }).then(() => kept);
  }

  unsign(meeting: string, document: string): Promise<void> {
    return this.#write([SEATS], (transaction) => {
      const seats = transaction.objectStore(SEATS);
      const asked = seats.get(meeting);
      asked.onsuccess = () => {
        const seat = (asked.result as StoredSeat | undefined) ?? null;
        if (seat?.enrolment?.document === document) seats.put(unsigned(seat));
      };
    });
  }

  setAside(meeting: string): Promise<void> {
    return this.#write([SEATS, FORMER], (transaction) => {
      const seats = transaction.objectStore(SEATS);
      const asked = seats.get(meeting);
      asked.onsuccess = () => {
        const seat = (asked.result as StoredSeat | undefined) ?? null;
        if (seat === null) return;
        if (seat.seed !== null) transaction.objectStore(FORMER).add(seat);
        seats.delete(meeting);
      };
    });
  }

  async former(meeting: string): Promise<StoredSeat[]> {
    const database = await this.#database.get();
    const found = await done(database.transaction(FORMER).objectStore(FORMER).getAll());
    return (found as StoredSeat[]).filter((seat) => seat.meeting === meeting);
  }

  async all(): Promise<StoredSeat[]> {
    const database = await this.#database.get();
    const found: unknown = await done(database.transaction(SEATS).objectStore(SEATS).getAll());
    return (found as StoredSeat[]).sort((left, right) => right.savedAt - left.savedAt);
  }

  /** All of it in one transaction, which is on the disk when this resolves; or none of it. */
  async #write(stores: string[], work: (transaction: IDBTransaction) => void): Promise<void> {
    try {
      const database = await this.#database.get();
      const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
      work(transaction);
      await completed(transaction);
    } catch (error) {
      throw new Refused("not-kept", error instanceof Error ? error.message : "");
    }
  }
}

class PassingSeats implements SeatStore {
  readonly lasting = false;
  readonly #seats = new Map<string, StoredSeat>();
  readonly #former: StoredSeat[] = [];

  find(meeting: string): Promise<StoredSeat | null> {
    return Promise.resolve(this.#seats.get(meeting) ?? null);
  }

  adopt(offered: StoredSeat): Promise<StoredSeat> {
    const kept = settle(this.#seats.get(offered.meeting) ?? null, offered);
    this.#seats.set(kept.meeting, kept);
    return Promise.resolve(kept);
  }

  unsign(meeting: string, document: string): Promise<void> {
    const seat = this.#seats.get(meeting);
    if (seat?.enrolment?.document === document) this.#seats.set(meeting, unsigned(seat));
    return Promise.resolve();
  }

  setAside(meeting: string): Promise<void> {
    const seat = this.#seats.get(meeting);
    if (seat !== undefined && seat.seed !== null) this.#former.push(seat);
    this.#seats.delete(meeting);
    return Promise.resolve();
  }

  former(meeting: string): Promise<StoredSeat[]> {
    return Promise.resolve(this.#former.filter((seat) => seat.meeting === meeting));
  }

  all(): Promise<StoredSeat[]> {
    return Promise.resolve([...this.#seats.values()].reverse());
  }
}

// What this browser keeps of each meeting, in IndexedDB: the seat, and the seed that all of a
// person's keys come from. The seed leaves this browser only in the link its person is shown.

import type { Notice, SignedDocument } from "../api/types";
import type { Bytes } from "../crypto/bytes";

export interface StoredSeat {
  /** Meeting id, base64url. */
  readonly meeting: string;
  readonly token: string;
  readonly host: boolean;
  readonly title: string;
  readonly charter: string;
  readonly vaultKey: SignedDocument | null;
  readonly notices: readonly Notice[];
  readonly nameLimit: number;
  readonly name: string;
  /** From the moment the person first asks to be let in. */
  readonly seed: Bytes | null;
  /** The exact bytes that were sent: sending them again changes nothing. */
  readonly enrolment: SignedDocument | null;
  readonly savedAt: number;
}

export interface SeatStore {
  find(meeting: string): Promise<StoredSeat | null>;
  save(seat: StoredSeat): Promise<void>;
  remove(meeting: string): Promise<void>;
  /** Newest first. */
  all(): Promise<StoredSeat[]>;
}

const DATABASE = "assent";
const SEATS = "seats";

/** Open the browser's store; where it gives none, one that lasts as long as the page. */
export async function openSeats(factory: IDBFactory = indexedDB): Promise<SeatStore> {
  try {
    const opening = factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(SEATS, { keyPath: "meeting" });
    };
    return new StoredSeats(await done(opening));
  } catch {
    return new PassingSeats();
  }
}

class StoredSeats implements SeatStore {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    // Another tab wants to upgrade: let it, this page works on from memory of the moment.
    database.onversionchange = () => {
      database.close();
    };
  }

  async find(meeting: string): Promise<StoredSeat | null> {
    const found: unknown = await done(this.#seats("readonly").get(meeting));
    return (found as StoredSeat | undefined) ?? null;
  }

  async save(seat: StoredSeat): Promise<void> {
    const transaction = this.#database.transaction(SEATS, "readwrite", { durability: "strict" });
    transaction.objectStore(SEATS).put(seat);
    await completed(transaction);
  }

  async remove(meeting: string): Promise<void> {
    await done(this.#seats("readwrite").delete(meeting));
  }

  async all(): Promise<StoredSeat[]> {
    const found: unknown = await done(this.#seats("readonly").getAll());
    return (found as StoredSeat[]).sort((left, right) => right.savedAt - left.savedAt);
  }

  #seats(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(SEATS, mode).objectStore(SEATS);
  }
}

class PassingSeats implements SeatStore {
  readonly #seats = new Map<string, StoredSeat>();

  find(meeting: string): Promise<StoredSeat | null> {
    return Promise.resolve(this.#seats.get(meeting) ?? null);
  }

  save(seat: StoredSeat): Promise<void> {
    this.#seats.set(seat.meeting, seat);
    return Promise.resolve();
  }

  remove(meeting: string): Promise<void> {
    this.#seats.delete(meeting);
    return Promise.resolve();
  }

  all(): Promise<StoredSeat[]> {
    return Promise.resolve([...this.#seats.values()].reverse());
  }
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("the browser's store failed"));
    };
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error("the browser's store failed"));
    };
  });
}

// What this browser keeps of what the server has signed, to hold it against what it shows later: for each
// log the newest head that agreed with all before it, for each person the acknowledgements of what they
// have said; and what did not agree, once it was found. No secret is among it.
//
// Several pages may compare at the same time. A head is only put in the place of the one it was
// compared with; an acknowledgement and a disagreement are never written over.

import type { Disagreement, Head, KeptAcknowledgement } from "../proof/agreement";
import { completed, done } from "./requests";

export type KeptDisagreement = Disagreement & {
  /** When it was found first, by this browser's clock. */
  readonly at: number;
};

export interface RememberedLog {
  /** The server's key, base64url. */
  readonly id: string;
  /** When a head of it was kept first, by this browser's clock. */
  readonly since: number;
  readonly head: Head;
  readonly disagreements: readonly KeptDisagreement[];
}

export interface RememberedPerson {
  /** `<meeting>/<person>`, base64url. */
  readonly id: string;
  readonly since: number;
  /** The key of the server that has signed, base64url. */
  readonly server: string;
  /** Whether they were seen to be let in: nobody who was is ever forgotten by an honest server. */
  readonly admitted: boolean;
  /** In the order of their numbers. */
  readonly acknowledgements: readonly KeptAcknowledgement[];
  readonly disagreements: readonly KeptDisagreement[];
}

export interface Remembered {
  /** False where the browser keeps nothing longer than the page. */
  readonly lasting: boolean;
  log(server: string): Promise<RememberedLog | null>;
  person(id: string): Promise<RememberedPerson | null>;
  /** Keep a head that follows `before`; false where another page has kept another one meanwhile. */
  advance(server: string, before: Head | null, head: Head, at: number): Promise<boolean>;
  /** Keep an acknowledgement; the one that was kept of the same statement stays. */
  acknowledge(
    id: string,
    server: string,
    acknowledgements: readonly KeptAcknowledgement[],
    at: number,
  ): Promise<void>;
  /** Keep that a person was let in. */
  admit(id: string): Promise<void>;
  /** Keep what did not agree with a log's head. */
  disputeLog(server: string, found: Disagreement, at: number): Promise<void>;
  /** Keep what did not agree with what a person has said. */
  disputePerson(id: string, found: readonly Disagreement[], at: number): Promise<void>;
  /** Forget a person and the log, and what did not agree. */
  forget(id: string, server: string): Promise<void>;
}

/** So many acknowledgements are kept of a person: of the enrolment, and of the newest answers. */
export const MOST_ACKNOWLEDGEMENTS = 256;

const DATABASE = "assent-remembered";
const LOGS = "logs";
const PERSONS = "persons";

/** Open the browser's store; where it gives none, one that lasts as long as the page. */
export async function openRemembered(factory: IDBFactory = indexedDB): Promise<Remembered> {
  try {
    const opening = factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(LOGS, { keyPath: "id" });
      opening.result.createObjectStore(PERSONS, { keyPath: "id" });
    };
    return new Keeper(new StoredRows(await done(opening)));
  } catch {
    return new Keeper(new PassingRows());
  }
}

type Name = typeof LOGS | typeof PERSONS;
interface Rows {
  readonly lasting: boolean;
  get<Row>(store: Name, id: string): Promise<Row | null>;
  /** Put what `change` makes of a row in its place, in one transaction; null leaves it as it is. */
  change<Row>(store: Name, id: string, change: (row: Row | null) => Row | null): Promise<void>;
  delete(store: Name, id: string): Promise<void>;
}

class Keeper implements Remembered {
  readonly lasting: boolean;
  readonly #rows: Rows;

  constructor(rows: Rows) {
    this.lasting = rows.lasting;
    this.#rows = rows;
  }

  log(server: string): Promise<RememberedLog | null> {
    return this.#rows.get(LOGS, server);
  }

  person(id: string): Promise<RememberedPerson | null> {
    return this.#rows.get(PERSONS, id);
  }

  async advance(server: string, before: Head | null, head: Head, at: number): Promise<boolean> {
    let kept = false;
    await this.#rows.change<RememberedLog>(LOGS, server, (row) => {
      kept = (row?.head.note ?? null) === (before?.note ?? null);
      if (!kept) return null;
      return {
        id: server,
        since: row?.since ?? at,
        head,
        disagreements: row?.disagreements ?? [],
      };
    });
    return kept;
  }

  acknowledge(
    id: string,
    server: string,
    acknowledgements: readonly KeptAcknowledgement[],
    at: number,
  ): Promise<void> {
    return this.#rows.change<RememberedPerson>(PERSONS, id, (row) => {
      const before = row?.acknowledgements ?? [];
      const known = new Set(before.map(({ sequence }) => sequence));
      const more = acknowledgements.filter(({ sequence }) => !known.has(sequence));
      if (more.length === 0) return null;
      const all = [...before, ...more].sort((left, right) => left.sequence - right.sequence);
      return {
        id,
        since: row?.since ?? at,
        server: row?.server ?? server,
        admitted: row?.admitted ?? false,
        acknowledgements: bounded(all),
        disagreements: row?.disagreements ?? [],
      };
    });
  }

  admit(id: string): Promise<void> {
    return this.#rows.change<RememberedPerson>(PERSONS, id, (row) =>
      row === null || row.admitted ? null : { ...row, admitted: true },
    );
  }

  disputeLog(server: string, found: Disagreement, at: number): Promise<void> {
    return this.#rows.change<RememberedLog>(LOGS, server, (row) =>
      row === null ? null : disputed(row, [found], at),
    );
  }

  disputePerson(id: string, found: readonly Disagreement[], at: number): Promise<void> {
    return this.#rows.change<RememberedPerson>(PERSONS, id, (row) =>
      row === null ? null : disputed(row, found, at),
    );
  }

  async forget(id: string, server: string): Promise<void> {
    await this.#rows.delete(PERSONS, id);
    await this.#rows.delete(LOGS, server);
  }
}

function bounded(all: readonly KeptAcknowledgement[]): readonly KeptAcknowledgement[] {
  if (all.length <= MOST_ACKNOWLEDGEMENTS) return all;
  const [first, ...rest] = all;
  return first === undefined ? [] : [first, ...rest.slice(1 - MOST_ACKNOWLEDGEMENTS)];
}

/** Of the same kind about the same answer the first is kept: it is nearest to what happened. */
function disputed<Row extends { readonly disagreements: readonly KeptDisagreement[] }>(
  row: Row,
  found: readonly Disagreement[],
  at: number,
): Row | null {
  const name = ({ code, sequence }: Disagreement): string => `${code} ${String(sequence)}`;
  const known = new Set(row.disagreements.map(name));
  const more = found.filter((one) => !known.has(name(one))).map((one) => ({ ...one, at }));
  if (more.length === 0) return null;
  return { ...row, disagreements: [...row.disagreements, ...more] };
}

class StoredRows implements Rows {
  readonly lasting = true;
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    database.onversionchange = () => {
      database.close();
    };
  }

  async get<Row>(store: Name, id: string): Promise<Row | null> {
    const found: unknown = await done(this.#database.transaction(store).objectStore(store).get(id));
    return (found as Row | undefined) ?? null;
  }

  async change<Row>(
    store: Name,
    id: string,
    change: (row: Row | null) => Row | null,
  ): Promise<void> {
    const transaction = this.#database.transaction(store, "readwrite", { durability: "strict" });
    const rows = transaction.objectStore(store);
    const asked = rows.get(id);
    asked.onsuccess = () => {
      const next = change((asked.result as Row | undefined) ?? null);
      if (next !== null) rows.put(next);
    };
    await completed(transaction);
  }

  async delete(store: Name, id: string): Promise<void> {
    const transaction = this.#database.transaction(store, "readwrite");
    transaction.objectStore(store).delete(id);
    await completed(transaction);
  }
}

class PassingRows implements Rows {
  readonly lasting = false;
  readonly #rows = new Map<string, unknown>();

  get<Row>(store: Name, id: string): Promise<Row | null> {
    return Promise.resolve(this.#find(store, id) as Row | null);
  }

  change<Row>(store: Name, id: string, change: (row: Row | null) => Row | null): Promise<void> {
    const next = change(this.#find(store, id) as Row | null);
    if (next !== null) this.#rows.set(`${store} ${id}`, next);
    return Promise.resolve();
  }

  delete(store: Name, id: string): Promise<void> {
    this.#rows.delete(`${store} ${id}`);
    return Promise.resolve();
  }

  #find(store: Name, id: string): unknown {
    return this.#rows.get(`${store} ${id}`) ?? null;
  }
}

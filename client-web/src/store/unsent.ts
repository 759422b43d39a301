// Answers that were signed and that the server has not taken yet, kept until it has: a page that is
// closed meanwhile sends them when it comes back. They are the exact signed bytes, and no secret.

import { completed, done } from "./requests";

export interface Unsent {
  /** `<meeting>/<person>`, base64url: a person says one thing at a time. */
  readonly id: string;
  readonly statement: string;
  readonly signature: string;
  readonly sealed: string | null;
}

export interface UnsentStore {
  find(id: string): Promise<Unsent | null>;
  keep(one: Unsent): Promise<void>;
  /** Forget this very answer; another one under the same id stays. */
  drop(one: Unsent): Promise<void>;
  all(): Promise<Unsent[]>;
}

const DATABASE = "assent-unsent";
const ANSWERS = "answers";

/** Open the browser's store; where it gives none, one that lasts as long as the page. */
export async function openUnsent(factory: IDBFactory = indexedDB): Promise<UnsentStore> {
  try {
    const opening = factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(ANSWERS, { keyPath: "id" });
    };
    return new StoredUnsent(await done(opening));
  } catch {
    return new PassingUnsent();
  }
}

class StoredUnsent implements UnsentStore {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    database.onversionchange = () => {
      database.close();
    };
  }

  async find(id: string): Promise<Unsent | null> {
    const found: unknown = await done(this.#answers("readonly").get(id));
    return (found as Unsent | undefined) ?? null;
  }

  async keep(one: Unsent): Promise<void> {
    const transaction = this.#database.transaction(ANSWERS, "readwrite", { durability: "strict" });
    transaction.objectStore(ANSWERS).put(one);
    await completed(transaction);
  }

  async drop(one: Unsent): Promise<void> {
    // In one transaction: another tab may just now be keeping another answer of the same person.
    const transaction = this.#database.transaction(ANSWERS, "readwrite");
    const answers = transaction.objectStore(ANSWERS);
    const found = answers.get(one.id);
    found.onsuccess = () => {
      const there = found.result as Unsent | undefined;
      if (there?.statement === one.statement) answers.delete(one.id);
    };
    await completed(transaction);
  }

  async all(): Promise<Unsent[]> {
    return (await done(this.#answers("readonly").getAll())) as Unsent[];
  }

  #answers(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(ANSWERS, mode).objectStore(ANSWERS);
  }
}

export class PassingUnsent implements UnsentStore {
  readonly #answers = new Map<string, Unsent>();

  find(id: string): Promise<Unsent | null> {
    return Promise.resolve(this.#answers.get(id) ?? null);
  }

  keep(one: Unsent): Promise<void> {
    this.#answers.set(one.id, one);
    return Promise.resolve();
  }

  drop(one: Unsent): Promise<void> {
    if (this.#answers.get(one.id)?.statement === one.statement) this.#answers.delete(one.id);
    return Promise.resolve();
  }

  all(): Promise<Unsent[]> {
    return Promise.resolve([...this.#answers.values()]);
  }
}

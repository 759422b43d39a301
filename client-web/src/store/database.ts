// The browser's database: what it keeps of meetings that it was in, and of those that it has made.

import { done } from "./requests";

const DATABASE = "assent";
const VERSION = 3;
export const SEATS = "seats";
/** Seats put aside, since version 2. */
export const FORMER = "former";
/** Keys of the hosts of rooms that were made here, since version 3. */
export const ROOMS = "rooms";

/** The database, opened again where it had to be closed. */
export class Database {
  readonly #factory: IDBFactory;
  #opened: Promise<IDBDatabase> | null = null;
  /** What a newer page has made of it is taken as it is. */
  #version: number | undefined = VERSION;

  constructor(factory: IDBFactory) {
    this.#factory = factory;
  }

  async get(): Promise<IDBDatabase> {
    this.#opened ??= this.#open();
    try {
      return await this.#opened;
    } catch (error) {
      this.#opened = null;
      throw error;
    }
  }

  async #open(): Promise<IDBDatabase> {
    const opening = this.#factory.open(DATABASE, this.#version);
    opening.onupgradeneeded = () => {
      for (const [name, options] of [
        [SEATS, { keyPath: "meeting" }],
        [FORMER, { autoIncrement: true }],
        [ROOMS, { keyPath: "room" }],
      ] as const) {
        if (!opening.result.objectStoreNames.contains(name)) {
          opening.result.createObjectStore(name, options);
        }
      }
    };
    let database: IDBDatabase;
    try {
      database = await done(opening);
    } catch (error) {
      const newer = error instanceof DOMException && error.name === "VersionError";
      if (!newer || this.#version === undefined) throw error;
      this.#version = undefined;
      return await this.#open();
    }
    const forget = (): void => {
      this.#opened = null;
      this.#version = undefined;
    };
    // A page of a newer version wants to change it: let it, and open what it has made of it.
    database.onversionchange = () => {
      database.close();
      forget();
    };
    database.onclose = forget;
    return database;
  }
}

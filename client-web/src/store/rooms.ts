// The host keys of rooms that were made in this browser. Such a key certifies who is a host; it is in no
// message, and on no other device.

import { Refused } from "../api/errors";
import type { Bytes } from "../crypto/bytes";
import { Database, ROOMS } from "./database";
import { completed, done } from "./requests";

/** The newest so many are kept. */
const MOST = 200;

export interface KeptRoom {
  /** Digest of the room document, base64url. */
  readonly room: string;
  /** Ed25519 private key, 32 bytes. */
  readonly host: Bytes;
  readonly savedAt: number;
}

export class RoomStore {
  readonly #database: Database;

  constructor(factory: () => IDBFactory = () => indexedDB) {
    this.#database = new Database(factory());
  }

  /** Keep a key; rejects with Refused where the browser does not. */
  async keep(kept: KeptRoom): Promise<void> {
    try {
      const database = await this.#database.get();
      const transaction = database.transaction(ROOMS, "readwrite", { durability: "strict" });
      const rooms = transaction.objectStore(ROOMS);
      rooms.put(kept);
      const asked = rooms.getAll();
      asked.onsuccess = () => {
        const all = (asked.result as KeptRoom[]).sort((one, other) => other.savedAt - one.savedAt);
        for (const { room } of all.slice(MOST)) rooms.delete(room);
      };
      await completed(transaction);
    } catch (error) {
      throw new Refused("not-kept", error instanceof Error ? error.message : "");
    }
  }

  async find(room: string): Promise<KeptRoom | null> {
    const database = await this.#database.get();
    const found: unknown = await done(database.transaction(ROOMS).objectStore(ROOMS).get(room));
    return (found as KeptRoom | undefined) ?? null;
  }
}

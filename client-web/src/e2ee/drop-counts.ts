// How many frames did not come through, by whom they are of and why: for a page to say whom it cannot
// hear or see.

import type { Source } from "../signalling/tracks";

/** Why a receiver drops a frame (format 2, section 10). */
export type DropCode =
  "bad-frame" | "unknown-generation" | "out-of-time" | "does-not-open" | "repeated";

export interface Dropped {
  /** The person's id, as base64url. */
  readonly person: string;
  readonly source: Source;
  readonly code: DropCode;
  readonly count: number;
}

export class DropCounts {
  readonly #counts = new Map<string, Dropped>();

  add(person: string, source: Source, code: DropCode): void {
    const key = `${person} ${source} ${code}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { person, source, code, count });
  }

  /** What has been counted since it was last taken. */
  take(): Dropped[] {
    const taken = [...this.#counts.values()];
    this.#counts.clear();
    return taken;
  }
}

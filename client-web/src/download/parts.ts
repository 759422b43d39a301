// Where nothing can be written to a file as it comes: files of a bounded size, which are joined by
// putting one behind the other.

import type { Bytes } from "../crypto/bytes";
import { PART_BYTES, type Sink } from "../watching/copy";

export class RowOfParts implements Sink {
  readonly #save: (part: Blob, number: number, alone: boolean) => void;
  readonly #most: number;
  #parts: Bytes[] = [];
  #size = 0;
  #number = 1;

  constructor(
    save: (part: Blob, number: number, alone: boolean) => void,
    most: number = PART_BYTES,
  ) {
    this.#save = save;
    this.#most = most;
  }

  write(data: Bytes): Promise<void> {
    if (this.#size > 0 && this.#size + data.length > this.#most) this.#flush(false);
    this.#parts.push(data);
    this.#size += data.length;
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#size > 0) this.#flush(this.#number === 1);
    return Promise.resolve();
  }

  abort(): Promise<void> {
    this.#parts = [];
    this.#size = 0;
    return Promise.resolve();
  }

  #flush(alone: boolean): void {
    this.#save(new Blob(this.#parts, { type: "application/x-tar" }), this.#number, alone);
    this.#number += 1;
    this.#parts = [];
    this.#size = 0;
  }
}

// Objects in a row, each after its length, out of a stream of bytes (PROTOCOL.md, section 2).

import { Refused } from "../api/errors";
import type { Bytes } from "../crypto/bytes";

const LENGTH_BYTES = 4;
/** More than any segment has: the recorder cuts at 4 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Yield each object, null for one that is not there; throws where the row is cut off. */
export async function* readRecords(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Bytes | null, void> {
  const reader = stream.getReader();
  const source = new Source(reader);
  try {
    for (;;) {
      const length = await source.take(LENGTH_BYTES, true);
      if (length === null) return;
      const bytes = new DataView(length.buffer).getUint32(0);
      if (bytes > MAX_BYTES) throw new Refused("not-understood");
      yield bytes === 0 ? null : await source.take(bytes, false);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

class Source {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  /** Return so many bytes; null at the very end, where that may be. */
  async take(length: number, mayEnd: boolean): Promise<Bytes | null> {
    const whole = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#chunk.length === 0) {
        const { done, value } = await this.#read();
        if (done) {
          if (mayEnd && filled === 0) return null;
          throw new Refused("unreachable");
        }
        this.#chunk = value;
      }
      const part = this.#chunk.subarray(0, length - filled);
      whole.set(part, filled);
      filled += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return whole;
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#reader.read();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Refused("unreachable");
    }
  }
}

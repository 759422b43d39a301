// Strict JSON (storage/FORMAT.md, section 1.1): what a document says has one spelling, the one that
// JSON.stringify gives. JSON.parse takes many others, keeps the last of two equal keys and rounds
// numbers, so it cannot be used for anything that is hashed or signed.

import { FormatError } from "./errors";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

// Documents nest three deep; this many keep hostile ones from exhausting the stack.
const MAX_DEPTH = 32;
const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/;

export function parse(body: Uint8Array): Json {
  let text: string;
  try {
    // With ignoreBOM a byte order mark stays in the text, where it is no JSON.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw refused();
  }
  return new Reader(text).whole();
}

function refused(): FormatError {
  return new FormatError("document", "is not JSON in UTF-8");
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Json {
    const value = this.#value(0);
    if (this.#at !== this.#text.length) throw refused();
    return value;
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) throw refused();
    const next = this.#text.charAt(this.#at);
    if (next === "{") return this.#object(depth);
    if (next === "[") return this.#array(depth);
    if (next === '"') return this.#string();
    for (const [word, value] of [
      ["null", null],
      ["true", true],
      ["false", false],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #object(depth: number): JsonObject {
    const fields = new Map<string, Json>();
    this.#at += 1;
    if (this.#closes("}")) return fields;
    do {
      if (this.#text.charAt(this.#at) !== '"') throw refused();
      const key = this.#string();
      if (fields.has(key)) throw new FormatError("document", "has a field twice");
      if (this.#text.charAt(this.#at) !== ":") throw refused();
      this.#at += 1;
      fields.set(key, this.#value(depth + 1));
    } while (this.#continues("}"));
    return fields;
  }

  #array(depth: number): Json[] {
    const items: Json[] = [];
    this.#at += 1;
    if (this.#closes("]")) return items;
    do {
      items.push(this.#value(depth + 1));
    } while (this.#continues("]"));
    return items;
  }

  #string(): string {
    const start = this.#at;
    for (;;) {
      this.#at += 1;
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code) || code < 0x20) throw refused();
      if (code === 0x22) break;
      if (code === 0x5c) this.#at += 1;
    }
    this.#at += 1;
    const spelled = this.#text.slice(start, this.#at);
    let value: unknown;
    try {
      value = JSON.parse(spelled);
    } catch {
      throw refused(); // an escape that is none
    }
    // Half a surrogate pair has no UTF-8, and so no exact bytes.
    if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) throw refused();
    if (JSON.stringify(value) !== spelled) {
      throw new FormatError("document", "is not spelled as documents are");
    }
    return value;
  }

  #number(): number {
    const [text = ""] = /^[-+.0-9A-Za-z]*/.exec(this.#text.slice(this.#at, this.#at + 32)) ?? [];
    const value = Number(text);
    if (!INTEGER.test(text) || !Number.isSafeInteger(value)) {
      throw new FormatError("document", "has a number that is not an integer in 0 … 2^53 - 1");
    }
    this.#at += text.length;
    return value;
  }

  #closes(bracket: string): boolean {
    if (this.#text.charAt(this.#at) !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #continues(bracket: string): boolean {
    if (this.#closes(bracket)) return false;
    if (this.#text.charAt(this.#at) !== ",") throw refused();
    this.#at += 1;
    return true;
  }
}

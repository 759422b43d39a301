// Documents: small JSON objects whose exact bytes are hashed and signed.
//
// `read` takes nothing that FORMAT.md does not allow, and whoever uses it names every key there may
// be, in order; the getters of `Fields` give typed values or throw with the path of the field.

import { type Bytes, decode, utf8 } from "./bytes";
import { FormatError } from "./errors";
import { type Json, type JsonObject, parse } from "./json";
import { isSignPublic, SIGN_PUBLIC_BYTES } from "./suite";

// BCP 47, as much of it as words for people need: language, script, region, variants, each in one case.
const LANGUAGE =
  /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*$/;
const LANGUAGE_LENGTH = 35; // RFC 5646, section 4.4.1
// Unicode's control characters (Cc), but for tab, line feed and carriage return.
const CONTROL = /[^\P{Cc}\t\n\r]/u;

type Writable =
  null | boolean | number | string | readonly Writable[] | { [key: string]: Writable };

/** Write a document: compact, in the order given. */
export function write(fields: Record<string, Writable>): Bytes {
  return utf8(JSON.stringify(fields));
}

/** Read a document of at most `most` bytes whose `type` is `type`. */
export function read(
  body: Uint8Array,
  type: string,
  most: number,
  keys: readonly string[],
): Fields {
  if (body.length > most) throw new FormatError("document", `is over ${most} bytes`);
  const value = parse(body);
  if (!(value instanceof Map)) throw new FormatError("document", "is not an object");
  const fields = new Fields(value as JsonObject, "");
  if (!fields.has("type")) throw new FormatError("type", "is missing");
  fields.exactly("type", type);
  return fields.only(["type", ...keys]);
}

/** What a document says it is, for choosing how to read it; null where it says nothing. */
export function typeOf(body: Uint8Array, most: number): string | null {
  if (body.length > most) return null;
  const value = parse(body);
  const type = value instanceof Map ? (value as JsonObject).get("type") : undefined;
  return typeof type === "string" ? type : null;
}

export class Fields {
  readonly #values: JsonObject;
  readonly #path: string;

  constructor(values: JsonObject, path: string) {
    this.#values = values;
    this.#path = path;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  only(keys: readonly string[]): this {
    for (const key of keys) {
      if (!this.#values.has(key)) throw new FormatError(this.at(key), "is missing");
    }
    if (this.#values.size !== keys.length) {
      throw new FormatError(this.#path || "document", "has a field that does not belong there");
    }
    if (![...this.#values.keys()].every((key, at) => key === keys[at])) {
      throw new FormatError(this.#path || "document", "has its fields in another order");
    }
    return this;
  }

  text(key: string): string {
    const value = this.#value(key);
    if (typeof value !== "string") this.fail(key, "is not text");
    return value;
  }

  /** Text that is shown to people. */
  words(key: string): string {
    const value = this.text(key);
    if (CONTROL.test(value)) this.fail(key, "has a control character");
    return value;
  }

  exactly(key: string, expected: string): void {
    if (this.text(key) !== expected) this.fail(key, `is not ${expected}`);
  }

  choice<Choice extends string>(key: string, allowed: readonly Choice[]): Choice {
    const value = this.text(key);
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.fail(key, "is none of the allowed values");
    return found;
  }

  language(key: string): string {
    const value = this.text(key);
    if (!isLanguage(value)) this.fail(key, "is not a language tag");
    return value;
  }

  /** Bytes by language: an object whose keys are data. */
  bytesByLanguage(key: string, length: number): Map<string, Bytes> {
    const inside = this.child(key);
    const found = new Map<string, Bytes>();
    for (const language of inside.#values.keys()) {
      // Not named in the error: the key is somebody else's text.
      if (!isLanguage(language)) this.fail(key, "is not by language");
      found.set(language, decode(inside.text(language), length, this.at(key)));
    }
    if (found.size === 0) this.fail(key, "is of no language");
    return found;
  }

  /** Bytes of `length`; of any length where none is given. */
  bytes(key: string, length?: number): Bytes {
    return decode(this.text(key), length, this.at(key));
  }

  /** An Ed25519 public key that can be somebody's, and theirs alone. */
  signPublic(key: string): Bytes {
    const found = this.bytes(key, SIGN_PUBLIC_BYTES);
    if (!isSignPublic(found)) this.fail(key, "is a key that anybody could sign with");
    return found;
  }

  bytesOrNull(key: string, length: number): Bytes | null {
    return this.#value(key) === null ? null : this.bytes(key, length);
  }

  /** The bytes of each item of a list. */
  bytesList(key: string, length: number): Bytes[] {
    const value = this.#value(key);
    if (!Array.isArray(value)) this.fail(key, "is not a list");
    return value.map((item, number) => {
      const path = `${this.at(key)}[${number}]`;
      if (typeof item !== "string") throw new FormatError(path, "is not text");
      return decode(item, length, path);
    });
  }

  /** A line of 1 to `most` code points without control characters, or null. */
  lineOrNull(key: string, most: number): string | null {
    if (this.#value(key) === null) return null;
    const text = this.text(key);
    const points = Array.from(text).length;
    if (points < 1 || points > most || /\p{Cc}/u.test(text)) this.fail(key, "is no such line");
    return text;
  }

  integer(key: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value(key);
    if (typeof value !== "number") this.fail(key, "is not a whole number");
    if (value < least) this.fail(key, `is less than ${least}`);
    if (value > most) this.fail(key, `is more than ${most}`);
    return value;
  }

  /** Ranges, the first and the last of each: at least one, in order, a number between each two. */
  ranges(key: string, most: number): (readonly [number, number])[] {
    const value = this.#value(key);
    if (!Array.isArray(value)) this.fail(key, "is not a list");
    if (value.length === 0) this.fail(key, "is empty");
    let free = 0;
    return value.map((item, at) => {
      const path = `${this.at(key)}[${at}]`;
      const [first, last] = Array.isArray(item) && item.length === 2 ? item : [];
      if (typeof first !== "number" || typeof last !== "number") {
        throw new FormatError(path, "is not two whole numbers");
      }
      if (!(free <= first && first <= last && last <= most)) {
        throw new FormatError(path, "is no range, or does not come after the one before");
      }
      free = last + 2;
      return [first, last] as const;
    });
  }

  /** Null or, where it may be, an empty list. */
  nothingListed(key: string, mayBeEmpty: boolean): void {
    const value = this.#value(key);
    if (value === null) return;
    if (!Array.isArray(value)) this.fail(key, "is not a list");
    if (value.length > 0 || !mayBeEmpty) this.fail(key, "lists what cannot be listed yet");
  }

  boolean(key: string): boolean {
    const value = this.#value(key);
    if (typeof value !== "boolean") this.fail(key, "is not true or false");
    return value;
  }

  child(key: string): Fields {
    const value = this.#value(key);
    if (!(value instanceof Map)) this.fail(key, "is not an object");
    return new Fields(value as JsonObject, this.at(key));
  }

  childOrNull(key: string): Fields | null {
    return this.#value(key) === null ? null : this.child(key);
  }

  children(key: string, keys: readonly string[]): Fields[] {
    const value = this.#value(key);
    if (!Array.isArray(value)) this.fail(key, "is not a list");
    return value.map((item, number) => {
      const path = `${this.at(key)}[${number}]`;
      if (!(item instanceof Map)) throw new FormatError(path, "is not an object");
      return new Fields(item as JsonObject, path).only(keys);
    });
  }

  fail(key: string, what: string): never {
    throw new FormatError(this.at(key), what);
  }

  at(key: string): string {
    return this.#path ? `${this.#path}.${key}` : key;
  }

  #value(key: string): Json {
    const value = this.#values.get(key);
    if (value === undefined) this.fail(key, "is missing");
    return value;
  }
}

function isLanguage(text: string): boolean {
  return text.length <= LANGUAGE_LENGTH && LANGUAGE.test(text);
}

// Times and languages as people write them.

import { language } from "./index";

// Digits are the same in times and in the counts of the catalogues, whatever the language.
const NUMBERS = "latn";

/** The page's language as the person writes it: German of Austria, English of Ireland. */
function locale(): string {
  const { language: page } = language.value;
  return navigator.languages.find((tag) => tag.split("-")[0] === page) ?? page;
}

export function dateTime(milliseconds: number): string {
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: "medium",
    timeStyle: "short",
    numberingSystem: NUMBERS,
  }).format(milliseconds);
}

/** A day as the server counts days: those of UTC. */
export function day(milliseconds: number): string {
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: "medium",
    timeZone: "UTC",
    numberingSystem: NUMBERS,
  }).format(milliseconds);
}

/** Several things as one row of words. */
export function listOf(names: readonly string[]): string {
  return new Intl.ListFormat(language.value.language, { type: "conjunction" }).format(names);
}

/** How large something is, in the unit that fits: thousands of thousands, as disks are sold. */
export function bytes(count: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;
  const power = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: units[power] ?? "byte",
    maximumFractionDigits: 1,
    numberingSystem: NUMBERS,
  }).format(count / 1000 ** power);
}

/** A quantity with at most two decimals. */
export function decimal(quantity: number): string {
  return new Intl.NumberFormat(locale(), {
    maximumFractionDigits: 2,
    numberingSystem: NUMBERS,
  }).format(quantity);
}

/** So many seconds, in words. */
export function seconds(count: number): string {
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: "second",
    unitDisplay: "long",
    maximumFractionDigits: 3,
    numberingSystem: NUMBERS,
  }).format(count);
}

/** A share from 0 to 1, as it was asked for. */
export function percent(share: number): string {
  return new Intl.NumberFormat(locale(), {
    style: "percent",
    maximumFractionDigits: 7,
    numberingSystem: NUMBERS,
  }).format(share);
}

/** With seconds: what is proved must be said exactly. */
export function exactTime(milliseconds: number): string {
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: "medium",
    timeStyle: "medium",
    numberingSystem: NUMBERS,
  }).format(milliseconds);
}

export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([language.value.language], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag; // not a tag that the browser knows
  }
}

/** A key or digest as people compare them: groups of four hexadecimal digits. */
export function fingerprint(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.match(/.{1,4}/g)?.join(" ") ?? "";
}

/** What somebody typed, kept from turning the rest of a sentence around. */
export function isolated(words: string | null): string {
  return words === null ? "–" : `\u2068${words}\u2069`;
}

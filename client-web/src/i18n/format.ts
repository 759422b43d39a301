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

// Times and languages as people write them.

import { language } from "./index";

export function dateTime(milliseconds: number): string {
  return new Intl.DateTimeFormat(language.value.language, {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(milliseconds);
}

/** With seconds: what is proved must be said exactly. */
export function exactTime(milliseconds: number): string {
  return new Intl.DateTimeFormat(language.value.language, {
    dateStyle: "medium",
    timeStyle: "medium",
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

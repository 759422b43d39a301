// The language of the page: the first of the person's that there is a catalogue for.

import { type ReadonlySignal, signal } from "@preact/signals";

import { prefer, preferences } from "../store/preferences";
import { type Catalogue, en } from "./en";

const CATALOGUES: Record<string, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(en),
  ar: async () => (await import("./ar")).ar,
  de: async () => (await import("./de")).de,
  es: async () => (await import("./es")).es,
  fr: async () => (await import("./fr")).fr,
};

/** Their own names for themselves, so that everybody finds theirs. */
export const LANGUAGES: Record<string, string> = {
  ar: "العربية",
  de: "Deutsch",
  en: "English",
  es: "Español",
  fr: "Français",
};

const current = signal<{ language: string; catalogue: Catalogue }>({
  language: "en",
  catalogue: en,
});

/** The texts of the page's language; components that call it follow a change. */
export function t(): Catalogue {
  return current.value.catalogue;
}

export const language: ReadonlySignal<{ language: string }> = current;

/** Languages in the order the person prefers them, the chosen one first. */
export function wanted(): string[] {
  const chosen = preferences().language;
  return [...(chosen === null ? [] : [chosen]), ...navigator.languages];
}

export function bestOf(languages: readonly string[], offered: readonly string[]): string {
  for (const tag of languages) {
    const base = tag.toLowerCase().split("-")[0] ?? "";
    if (offered.includes(base)) return base;
  }
  return "en";
}

export async function speakBest(): Promise<void> {
  await speak(bestOf(wanted(), Object.keys(CATALOGUES)));
}

export async function chooseLanguage(tag: string): Promise<void> {
  prefer({ language: tag });
  await speak(tag);
}

async function speak(tag: string): Promise<void> {
  const load = CATALOGUES[tag];
  if (load === undefined) return;
  const catalogue = await load();
  current.value = { language: tag, catalogue };
  document.documentElement.lang = tag;
  document.documentElement.dir = RIGHT_TO_LEFT.has(tag) ? "rtl" : "ltr";
}

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

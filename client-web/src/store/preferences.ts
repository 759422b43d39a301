// What a person chose last, so that they need not choose it again. Nothing here is secret.

import { keep, kept, parsed } from "./kept";

export interface Preferences {
  name: string;
  microphone: string | null;
  camera: string | null;
  speaker: string | null;
  /** Whether the browser should take away noise and echo. */
  cleanSound: boolean;
  language: string | null;
  /** Whether single letters are shortcuts in the meeting. */
  shortcuts: boolean;
}

const PREFIX = "assent.preference.";
/** Where all of them were kept before each had a name of its own. */
const TOGETHER = "assent.preferences";
const NONE: Preferences = {
  name: "",
  microphone: null,
  camera: null,
  speaker: null,
  cleanSound: true,
  language: null,
  shortcuts: true,
};

export function preferences(): Preferences {
  const together: unknown = parsed(kept(TOGETHER));
  const found: Record<string, unknown> = { ...NONE };
  for (const [name, none] of Object.entries(NONE) as [keyof Preferences, unknown][]) {
    const text = kept(PREFIX + name);
    const former: unknown =
      typeof together === "object" && together !== null
        ? (together as Partial<Preferences>)[name]
        : null;
    // What is of another kind was not written by us.
    const fits = (value: unknown): boolean =>
      typeof value === (none === null ? "string" : typeof none);
    const value = text === null ? former : parsed(text);
    if (fits(value)) found[name] = value;
  }
  return found as unknown as Preferences;
}

export function prefer(change: Partial<Preferences>): void {
  for (const [name, value] of Object.entries(change)) keep(PREFIX + name, JSON.stringify(value));
}

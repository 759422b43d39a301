// The links of meetings made in this browser. No server has them; keeping them here lets the host copy
// a link again later.

import { forget, keep, kept, namesFrom, parsed } from "./kept";
import type { StoredLink } from "./seats";

const PREFIX = "assent.link.";
/** The newest so many are kept. */
const MOST = 100;

interface Kept extends StoredLink {
  /** When it was kept, in Unix milliseconds. */
  readonly at: number;
}

export function keepLink(meeting: string, link: StoredLink, now: number = Date.now()): void {
  keep(PREFIX + meeting, JSON.stringify({ ...link, at: now } satisfies Kept));
  const all = namesFrom(PREFIX);
  if (all.length <= MOST) return;
  const aged = all.map((name) => ({ name, at: read(name)?.at ?? 0 }));
  aged.sort((left, right) => right.at - left.at);
  for (const { name } of aged.slice(MOST)) forget(name);
}

/** The newest link of a meeting that was made here; null where it was not. */
export function keptLink(meeting: string): StoredLink | null {
  const found = read(PREFIX + meeting);
  return found === null ? null : { fragment: found.fragment, ordinal: found.ordinal };
}

/** Its whole address. */
export function joinLink(meeting: string): string | null {
  const link = keptLink(meeting);
  return link === null ? null : addressOf(meeting, link);
}

export function addressOf(meeting: string, { fragment }: StoredLink): string {
  return `${location.origin}/m/${meeting}#${fragment}`;
}

function read(name: string): Kept | null {
  const found = parsed(kept(name)) as Partial<Kept> | null;
  const whole =
    typeof found?.fragment === "string" &&
    typeof found.ordinal === "number" &&
    typeof found.at === "number";
  return whole ? (found as Kept) : null;
}

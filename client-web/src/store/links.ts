// The join secrets of meetings made in this browser. The server shows one only once; keeping it here
// lets the host copy the link again later.

import { forget, keep, kept, namesFrom, parsed } from "./kept";

const PREFIX = "assent.link.";
/** Where all of them were kept before each had a name of its own. */
const TOGETHER = "assent.links";
/** The newest so many are kept. */
const MOST = 100;

interface Kept {
  readonly secret: string;
  /** When it was kept, in Unix milliseconds. */
  readonly at: number;
}

export function keepLink(meeting: string, secret: string, now: number = Date.now()): void {
  keep(PREFIX + meeting, JSON.stringify({ secret, at: now } satisfies Kept));
  const all = namesFrom(PREFIX);
  if (all.length <= MOST) return;
  const aged = all.map((name) => ({ name, at: read(name)?.at ?? 0 }));
  aged.sort((left, right) => right.at - left.at);
  for (const { name } of aged.slice(MOST)) forget(name);
}

export function joinLink(meeting: string): string | null {
  const secret = read(PREFIX + meeting)?.secret ?? secretOfOld(meeting);
  return secret === null ? null : `${location.origin}/m/${meeting}#${secret}`;
}

function read(name: string): Kept | null {
  const found = parsed(kept(name)) as Partial<Kept> | null;
  if (typeof found?.secret !== "string" || typeof found.at !== "number") return null;
  return { secret: found.secret, at: found.at };
}

function secretOfOld(meeting: string): string | null {
  const found = parsed(kept(TOGETHER));
  if (!Array.isArray(found)) return null;
  const pair = (found as unknown[]).find(
    (one): one is [string, string] => Array.isArray(one) && one[0] === meeting,
  );
  return typeof pair?.[1] === "string" ? pair[1] : null;
}

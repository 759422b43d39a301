// What of a change of the room is worth a sound or a word to people who do not look at the screen.

import type { Sound } from "../media/sounds";
import type { Room } from "../signalling/messages";

export type Change =
  | { kind: "recording-started" | "recording-paused" | "recording-stopped" }
  | { kind: "joined" | "left" | "waiting"; name: string };

/** Compare two views of the room; the first one tells only whether there is a recording. */
export function changesBetween(before: Room | null, after: Room): Change[] {
  const changes: Change[] = [];
  const capture = before?.capture ?? "off";
  if (capture !== after.capture) {
    if (after.capture === "recording") changes.push({ kind: "recording-started" });
    else if (after.capture === "paused") changes.push({ kind: "recording-paused" });
    else changes.push({ kind: "recording-stopped" });
  }
  if (before?.you.state !== "admitted") return changes;
  const me = after.you.person;
  const old = new Map(before.people.map(({ name, person }) => [person, name]));
  const now = new Map(after.people.map(({ name, person }) => [person, name]));
  for (const [person, name] of now) {
    if (!old.has(person) && person !== me) changes.push({ kind: "joined", name });
  }
  for (const [person, name] of old) {
    if (!now.has(person) && person !== me) changes.push({ kind: "left", name });
  }
  const knocked = new Set(before.waiting.map(({ person }) => person));
  for (const { name, person } of after.waiting) {
    if (!knocked.has(person)) changes.push({ kind: "waiting", name });
  }
  return changes;
}

/** The one sound for several changes: what concerns the recording is never drowned out. */
export function soundFor(changes: readonly Change[]): Sound | null {
  const order = [
    "recording-started",
    "recording-paused",
    "recording-stopped",
    "waiting",
    "joined",
    "left",
  ] as const;
  const [first] = order.filter((kind) => changes.some((change) => change.kind === kind));
  if (first === undefined) return null;
  return first === "waiting" ? "joined" : first;
}

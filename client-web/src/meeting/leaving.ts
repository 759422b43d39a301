// Whether closing or reloading the page should be asked about: only where somebody would miss it.

import type { Room } from "../signalling/messages";

/** `keyKept`: whether the person's key outlives the page. */
export function asksBeforeLeaving(room: Room | null, keyKept: boolean): boolean {
  if (!keyKept) return true;
  if (room?.you.state !== "admitted") return false;
  return room.armed || room.capture !== "off" || room.people.length > 1;
}

// Which slot it is: counted by a clock that is never set, from a page's own acceptance (format 2).

import { SLOT_MS, SLOTS } from "./frame-key";

export interface SlotTime {
  readonly slot: number;
  /** Within the slot. */
  readonly ms: number;
}

/** When a frame is sent, `elapsed` milliseconds after acceptance; null once all slots are over. */
export function sendingTime(elapsed: number, recorded: boolean): SlotTime | null {
  if (!recorded) return { slot: 0, ms: 0 };
  const whole = Math.max(0, Math.floor(elapsed));
  const slot = Math.floor(whole / SLOT_MS);
  return slot < SLOTS ? { slot, ms: whole % SLOT_MS } : null;
}

/** Whether a frame of this slot may come `elapsed` milliseconds after the receiver's acceptance. */
export function isInTime(slot: number, elapsed: number, recorded: boolean): boolean {
  if (!recorded) return slot === 0;
  const own = Math.floor(Math.max(0, elapsed) / SLOT_MS);
  return own - 2 <= slot && slot <= own + 1;
}

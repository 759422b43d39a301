// What time it is at the server. Signed statements carry times, and the server refuses some that are
// far from its own; a device's clock may be wrong by days.

const TRUSTED_MS = 30_000;

let offset = 0;

/** Learn from a time that the server has just said. */
export function handleServerTime(milliseconds: number): void {
  const difference = milliseconds - Date.now();
  // Within this the device's clock is as good as what is left after the way here.
  if (Number.isFinite(difference)) offset = Math.abs(difference) > TRUSTED_MS ? difference : 0;
}

export function serverNow(): number {
  return Math.round(Date.now() + offset);
}

// How long, as people read it on a clock: 0:07, 12:03, 1:02:03.

export function clock(milliseconds: number): string {
  const whole = Math.max(0, Math.floor(milliseconds / 1000));
  const seconds = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`
    : `${minutes}:${seconds}`;
}

/** In words of units, short: what is read out and what stands in sentences. */
export function duration(milliseconds: number): {
  hours: number;
  minutes: number;
  seconds: number;
} {
  const whole = Math.max(0, Math.round(milliseconds / 1000));
  return {
    hours: Math.floor(whole / 3600),
    minutes: Math.floor(whole / 60) % 60,
    seconds: whole % 60,
  };
}

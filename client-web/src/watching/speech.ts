// Who speaks when, without listening: from how many bytes the sealed sound takes.
//
// Opus spends bytes on what there is to hear: a voice takes several times what silence takes, in
// every browser's default of variable bit rate. The closing of a generation lists the size of each
// segment, signed, so that this is known of the whole meeting before any sound has been fetched. It
// is a measure of *sound*, a second or two at a time: steady noise counts, and nobody's words are
// looked at. The page says so.

import type { ClosedTrack, Entry } from "./closing";

export interface Span {
  /** Meeting time in milliseconds. */
  readonly start: number;
  readonly end: number;
}

// What a segment has besides packets: its header in the clear, salt, commitment, a tag or two.
const SEALING_BYTES = 420;
// A block of WebM around each packet of 20 ms.
const BLOCK_BYTES_PER_SECOND = 350;
// Below this (8 kbit/s) it is silence, whatever else the person sends.
const FLOOR = 1000;
// Quiet and loud are apart where the one has three quarters of the other's bytes, or less.
const APART = 0.75;
const JOIN_MS = 300;

/** Bytes of sound per second; 0 where there is nothing to divide by. */
export function rate(entry: Entry): number {
  const seconds = (entry.end - entry.start) / 1000;
  if (seconds <= 0) return 0;
  return Math.max(0, (entry.size - SEALING_BYTES) / seconds - BLOCK_BYTES_PER_SECOND);
}

/** When there is something to hear from a person, of all their microphone tracks. */
export function speech(tracks: readonly ClosedTrack[]): Span[] {
  const entries = tracks.flatMap((track) => track.entries.slice(1)).filter((e) => e.end > e.start);
  const rates = entries.map(rate).sort((left, right) => left - right);
  const quiet = rates[Math.floor(rates.length * 0.1)] ?? 0;
  const loud = rates[Math.floor(rates.length * 0.95)] ?? 0;
  // Who never changes is silent or speaking all the time; the floor says which.
  const threshold = quiet < loud * APART ? Math.max(FLOOR, (quiet + loud) / 2) : FLOOR;
  const spans: Span[] = [];
  for (const entry of entries) {
    if (rate(entry) < threshold) continue;
    const last = spans.at(-1);
    if (last !== undefined && entry.start - last.end <= JOIN_MS && entry.start >= last.start) {
      spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, entry.end) };
    } else {
      spans.push({ start: entry.start, end: entry.end });
    }
  }
  return spans;
}

export function isSpeaking(spans: readonly Span[], meeting: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) <= meeting) low = middle + 1;
    else high = middle;
  }
  return (spans[low]?.start ?? Infinity) <= meeting;
}

// What to ask for in one request: what all tracks of a generation need next, within bounds. Pure.

import type { OpenedGeneration, Part } from "./archive";
import type { SegmentScheduler } from "./segment-scheduler";

/** PROTOCOL.md, section 2: "At most 256 segments and 256 parts in one request". */
const MAX_SEGMENTS = 256;
/** Enough for a few seconds of everybody; a request more costs little. */
const MAX_BYTES = 6 * 1024 * 1024;
const EACH = 6;

/**
 * Sound comes first, for it is waited for; then pictures, a part of each in turn, so that what all of
 * them need first comes before what one of them may not need at all.
 */
export function nextBatch(
  generation: OpenedGeneration,
  schedulers: readonly SegmentScheduler[],
  until: number,
): Part[] {
  const parts: Part[] = [];
  let segments = 0;
  let bytes = 0;
  for (const part of inTurn(generation, schedulers, until)) {
    const { first, last, track } = part;
    const size = track.entries.slice(first, last + 1).reduce((sum, entry) => sum + entry.size, 0);
    const full = segments + last - first + 1 > MAX_SEGMENTS || bytes + size > MAX_BYTES;
    if (full && parts.length > 0) return parts;
    parts.push(part);
    segments += last - first + 1;
    bytes += size;
  }
  return parts;
}

function* inTurn(
  generation: OpenedGeneration,
  schedulers: readonly SegmentScheduler[],
  until: number,
): Generator<Part, void> {
  for (const video of [false, true]) {
    const rows = schedulers
      .filter((scheduler) => scheduler.video === video && scheduler.generation === generation)
      .map((scheduler) => ({ track: scheduler.track, ranges: scheduler.wants(until, EACH) }));
    const longest = Math.max(0, ...rows.map(({ ranges }) => ranges.length));
    for (let turn = 0; turn < longest; turn += 1) {
      for (const { ranges, track } of rows) {
        const range = ranges[turn];
        if (range !== undefined && track !== null) yield { track, ...range };
      }
    }
  }
}

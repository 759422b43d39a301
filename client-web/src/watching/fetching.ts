// What to ask for in one request: what all tracks of an epoch need next, within bounds. Pure.

import type { OpenedEpoch, Part } from "./archive";
import type { Feed } from "./feed";

/** PROTOCOL.md, section 2: "At most 256 segments and 64 parts in one request". */
const MAX_PARTS = 64;
const MAX_SEGMENTS = 256;
/** Enough for a few seconds of everybody; a request more costs little. */
const MAX_BYTES = 6 * 1024 * 1024;
const EACH = 6;

/** Sound comes first, for it is waited for. */
export function nextBatch(epoch: OpenedEpoch, feeds: readonly Feed[], until: number): Part[] {
  const parts: Part[] = [];
  let segments = 0;
  let bytes = 0;
  const ordered = [...feeds].sort((left, right) => Number(left.video) - Number(right.video));
  for (const feed of ordered) {
    const { track } = feed;
    if (feed.epoch !== epoch || track === null) continue;
    for (const { first, last } of feed.wants(until, EACH)) {
      const size = track.entries.slice(first, last + 1).reduce((sum, entry) => sum + entry.size, 0);
      const full =
        parts.length === MAX_PARTS ||
        segments + last - first + 1 > MAX_SEGMENTS ||
        bytes + size > MAX_BYTES;
      if (full && parts.length > 0) return parts;
      parts.push({ track, first, last });
      segments += last - first + 1;
      bytes += size;
    }
  }
  return parts;
}

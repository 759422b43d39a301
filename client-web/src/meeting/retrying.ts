// Which refusals pass: a full meeting may have a place later, a locked one may be opened.

import type { Refused } from "../api/errors";

const FOR_GOOD: readonly string[] = [
  "bad-token",
  "removed",
  "meeting-over",
  "meeting-not-found",
  "already-enrolled",
];

export function canRetry({ code }: Refused): boolean {
  return !FOR_GOOD.includes(code);
}

// Codes of the gate and of the queue, in plain words.

import type { AdminMeeting, GateReason } from "../../api/types";
import { t } from "../../i18n";

/** Where nobody was counted, what has words for a number of people alone is told by its code. */
export function reasonText({ code, count }: GateReason): string {
  const texts: Readonly<Record<string, ((count: number) => string) | undefined>> =
    t().console.reasons;
  const text = Object.hasOwn(texts, code) ? texts[code] : undefined;
  if (text === undefined) return t().console.otherReason(code, count ?? 0);
  const counts = text.length > 0;
  return counts && (count ?? 0) === 0 ? code : text(count ?? 0);
}

/** Why a release was dropped, with the count that the gate has of it. */
export function droppedText(code: string, gate: AdminMeeting["gate"]): string {
  return reasonText(gate?.reasons.find((reason) => reason.code === code) ?? { code });
}

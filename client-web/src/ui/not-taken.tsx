// Says on every page, and aloud, that an answer was not taken yet and is being sent again.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { notTaken } from "../consent/sending";
import { t } from "../i18n";
import { Warning } from "./icons";
import { announce } from "./live";

export function NotTaken(): VNode | null {
  const waits = notTaken.value.size > 0;
  const waited = useRef(false);
  const text = t().consent;
  useEffect(() => {
    if (waits) announce(`${text.notTaken} ${text.notTakenWhat}`, true);
    else if (waited.current) announce(text.sent);
    waited.current = waits;
  }, [text, waits]);
  if (!waits) return null;
  return (
    <div class="banner trouble" data-banner="not-taken">
      <Warning />
      <div>
        <strong>{text.notTaken}</strong> {text.notTakenWhat}
      </div>
    </div>
  );
}

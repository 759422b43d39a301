// What the server does in a host's name that no host has signed: said aloud.

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../../i18n";
import { play } from "../../media/sounds";
import type { MeetingSession } from "../../meeting/session";
import { Warning } from "../../ui/icons";
import { announce } from "../../ui/live";

export function Unsigned({ session }: { readonly session: MeetingSession }): VNode | null {
  const { armed } = session.hosting.doubts.value;
  const untrue = session.hosting.untrue.value;
  const text = t().meeting.unsigned;
  const said = armed ? text.armed : untrue ? text.untrue : null;
  useEffect(() => {
    if (said === null) return;
    play("alarm");
    announce(`${text.title}. ${said}`, true);
  }, [said, text]);
  if (said === null) return null;
  return (
    <div class="banner trouble" role="alert" data-banner="unsigned" data-armed={armed}>
      <Warning />
      <div>
        <strong>{text.title}</strong>
        <p>{said}</p>
        {armed && <p>{text.silenced}</p>}
      </div>
    </div>
  );
}

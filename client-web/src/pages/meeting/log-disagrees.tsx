// In a meeting the log is held against what this browser has kept, once and beside everything else: only
// what does not agree is said here, and the personal link says it all.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { Refused } from "../../api/errors";
import { meansHere, rememberedId } from "../../consent/remembering";
import { t } from "../../i18n";
import type { MeetingSession } from "../../meeting/session";
import { visitLog } from "../../proof/visit";
import { oneAtATime } from "../../store/lock";
import { Failure } from "../../ui/failure";

export function LogDisagrees({ session }: { readonly session: MeetingSession }): VNode | null {
  const disagrees = useSignal(false);
  const inside = session.stage.value.at === "inside";
  useEffect(() => {
    if (!inside) return;
    const { charter, info } = session.entrance;
    const keys = session.identity.answers.peek()?.keys ?? null;
    oneAtATime("log", async () => {
      const means = await meansHere();
      if (keys !== null) await means.store.admit(rememberedId(keys));
      const { disagreements } = await visitLog(charter.server, info.log, means);
      disagrees.value = disagreements.length > 0;
    }).catch((error: unknown) => {
      // A store that fails keeps nobody from meeting; the receipt page compares again.
      if (!(error instanceof DOMException) && !(error instanceof Refused)) throw error;
    });
  }, [disagrees, inside, session]);
  return disagrees.value ? <Failure>{t().proof.agreement.inMeeting}</Failure> : null;
}

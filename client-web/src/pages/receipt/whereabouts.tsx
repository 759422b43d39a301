// Where the recording went: kept, released, in which data set, dropped, destroyed.

import type { VNode } from "preact";

import type { Record } from "../../api/types";
import type { CheckedRecord } from "../../crypto/record";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import type { Receipt } from "../../proof/check";
import { DataSets } from "./data-set";

interface Props {
  readonly record: Record;
  readonly checked: CheckedRecord;
  /** The person's receipt, once it is checked and holds. */
  readonly receipt: Receipt | null;
}

export function Whereabouts({ checked, receipt, record }: Props): VNode {
  const { answers, charter } = checked;
  const takenBack = answers.at(-1)?.answer.training === "withdrawn" || record.revoked.length > 0;
  const text = t().receipt;
  const more = t().watching;
  const { destroyed_at: destroyed, dropped_because: because, exported, released } = record;
  const { ready_at: ready, state } = released;
  return (
    <section class="card stack" aria-labelledby="released">
      <h2 id="released">{text.released}</h2>
      <p data-release={state}>
        {!charter.training
          ? text.notOffered
          : state === "cooling"
            ? text.release.cooling(ready === null ? "" : dateTime(ready))
            : text.release[state]}
      </p>
      {state === "dropped" && because !== null && (
        <p class="hint">
          {because === "withdrawn"
            ? more.droppedWithdrawn
            : because === "revoked"
              ? more.droppedRevoked
              : because === "retention-over"
                ? more.droppedRetention
                : more.droppedOther}
        </p>
      )}
      <DataSets charter={charter} exported={exported} receipt={receipt} takenBack={takenBack} />
      {destroyed !== null && <p>{more.destroyedAt(dateTime(destroyed))}</p>}
    </section>
  );
}

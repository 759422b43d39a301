// Where the recording went: kept, released, in which data set, dropped, destroyed.

import type { VNode } from "preact";

import type { Record } from "../../api/types";
import { t } from "../../i18n";
import { dateTime, exactTime } from "../../i18n/format";

interface Props {
  readonly record: Record;
  /** Whether training was ever asked in this meeting. */
  readonly offered: boolean;
}

export function Whereabouts({ offered, record }: Props): VNode {
  const text = t().receipt;
  const more = t().watching;
  const { destroyed_at: destroyed, dropped_because: because, exported, released } = record;
  const { ready_at: ready, state } = released;
  return (
    <section class="card stack" aria-labelledby="released">
      <h2 id="released">{text.released}</h2>
      <p data-release={state}>
        {!offered
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
      {exported !== null && (
        <dl class="facts" data-data-set={exported.data_set}>
          <div>
            <dt>{more.dataSet}</dt>
            <dd dir="ltr">{exported.data_set}</dd>
          </div>
          <div>
            <dt>{more.exportedAt}</dt>
            <dd>{exactTime(exported.at)}</dd>
          </div>
          {exported.manifest !== null && (
            <div>
              <dt>{more.manifest}</dt>
              <dd dir="ltr">{exported.manifest}</dd>
            </div>
          )}
        </dl>
      )}
      {destroyed !== null && <p>{more.destroyedAt(dateTime(destroyed))}</p>}
    </section>
  );
}

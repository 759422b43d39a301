// The release queue: where each meeting stands, since when, and what keeps it there.

import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { asRefused, type Refused } from "../../api/errors";
import { api } from "../../api/http";
import {
  QUEUE_STATES,
  type QueuedRelease,
  type QueueState,
  type ReleasePage,
} from "../../api/types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { announce } from "../../ui/live";
import { CardTable } from "./card-table";
import { Pages, ROWS, usePlace } from "./pages";
import { usePoller } from "./poller";
import { reasonText } from "./reasons";

const EVERY_MS = 3000;
/** The server counts as far as this. */
const COUNTED = 1000;

export function Releases(): VNode {
  const state = useSignal<QueueState | null>(null);
  const place = usePlace();
  const text = t().console.releases;
  const seen = usePoller(
    () => api.admin.releases(state.value, place.value, ROWS),
    EVERY_MS,
    `${state.value ?? ""} ${place.value ?? ""}`,
  );
  const page = seen.answer.value;
  return (
    <section class="card stack" aria-labelledby="queue">
      <h2 id="queue">{t().console.queue}</h2>
      <p class="hint">{text.hint}</p>
      {page !== null && <States page={page} state={state} place={place} />}
      {seen.refusal.value !== null && <Failure>{refusalText(seen.refusal.value)}</Failure>}
      {page?.releases.length === 0 && <p class="hint">{text.empty}</p>}
      {page !== null && page.releases.length > 0 && (
        <Table rows={page.releases} onAsked={() => void seen.again()} />
      )}
      {page !== null && <Pages place={place} after={page.after} label={t().console.queue} />}
    </section>
  );
}

interface StatesProps {
  readonly page: ReleasePage;
  readonly state: Signal<QueueState | null>;
  readonly place: Signal<string | null>;
}

/** Each state with how many are in it; pressed, it alone is listed. */
function States({ page, place, state }: StatesProps): VNode {
  const text = t().console.releases;
  const choose = (wanted: QueueState | null): void => {
    state.value = wanted;
    place.value = null;
  };
  return (
    <div class="row" role="group" aria-label={text.filter}>
      <Choice
        chosen={state.value === null}
        text={text.all}
        onChoose={() => {
          choose(null);
        }}
      />
      {QUEUE_STATES.map((one) => (
        <Choice
          key={one}
          chosen={state.value === one}
          text={`${text.states[one]}: ${countText(page.counts[one])}`}
          onChoose={() => {
            choose(one);
          }}
        />
      ))}
    </div>
  );
}

/** A count as the server gives it: it counts no further than it must. */
export function countText(count: number): string {
  return count >= COUNTED ? `${COUNTED}+` : String(count);
}

interface ChoiceProps {
  readonly chosen: boolean;
  readonly text: string;
  readonly onChoose: () => void;
}

function Choice({ chosen, onChoose, text }: ChoiceProps): VNode {
  return (
    <button
      type="button"
      class={chosen ? "button small primary" : "button small"}
      aria-pressed={chosen}
      onClick={onChoose}
    >
      {text}
    </button>
  );
}

interface TableProps {
  readonly rows: readonly QueuedRelease[];
  readonly onAsked: () => void;
}

function Table({ onAsked, rows }: TableProps): VNode {
  const { columns } = t().console.releases;
  return (
    <CardTable
      labelledBy="queue"
      columns={[columns.meeting, columns.state, columns.since, columns.next, columns.why]}
    >
      {rows.map((row) => (
        <tr key={row.meeting} data-queued={row.meeting} data-state={row.state}>
          <th scope="row">
            <bdi>{row.title}</bdi>
            <span class="hint">{dateTime(row.created_at)}</span>
          </th>
          <td data-label={columns.state}>
            <State state={row.state} />
          </td>
          <td data-label={columns.since}>
            <span>{dateTime(row.since)}</span>
          </td>
          <td data-label={columns.next}>
            <Next row={row} onAsked={onAsked} />
          </td>
          <td data-label={columns.why}>
            <Why row={row} />
          </td>
        </tr>
      ))}
    </CardTable>
  );
}

function State({ state }: { readonly state: QueueState }): VNode {
  return <span class={`badge queue-${state}`}>{t().console.releases.states[state]}</span>;
}

/** What comes next for it, by itself or by a click. */
function Next({
  onAsked,
  row,
}: {
  readonly row: QueuedRelease;
  readonly onAsked: () => void;
}): VNode {
  const text = t().console.releases;
  const { lease_until: lease, ready_at: ready, state } = row;
  if (state === "dead") return <Retry row={row} onAsked={onAsked} />;
  if (state === "cooling" && ready !== null) return <span>{text.readyAt(dateTime(ready))}</span>;
  if (state === "ready") return <span>{text.waits}</span>;
  if (state === "claimed" && lease !== null)
    return <span>{text.leasedUntil(dateTime(lease))}</span>;
  if (state === "exported" && row.export !== null) {
    return (
      <span>
        {text.inExport} <code dir="ltr">{row.export}</code>
      </span>
    );
  }
  return <span class="hint">–</span>;
}

function Retry({
  onAsked,
  row,
}: {
  readonly row: QueuedRelease;
  readonly onAsked: () => void;
}): VNode {
  const refusal = useSignal<Refused | null>(null);
  const text = t().console.releases;
  if (row.retry !== null) return <span>{text.retryAsked(dateTime(row.retry.asked_at))}</span>;
  const ask = async (): Promise<void> => {
    refusal.value = null;
    try {
      await api.admin.retryRelease(row.meeting);
      announce(text.retrySaid);
      onAsked();
    } catch (error) {
      refusal.value = asRefused(error);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`${text.retry}: ${row.title}`}
        onClick={() => void ask()}
      >
        {text.retry}
      </button>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
    </>
  );
}

function Why({ row }: { readonly row: QueuedRelease }): VNode {
  const reasons = whyOf(row);
  if (reasons.length === 0) return <span class="hint">–</span>;
  return (
    <ul class="reasons">
      {reasons.map(({ code, count }) => (
        <li key={code} data-why={code}>
          {reasonText({ code, count })}{" "}
          <code class="hint" dir="ltr">
            {code}
          </code>
        </li>
      ))}
    </ul>
  );
}

/** Every reason once: all that the gate has said, and what the queue says beyond that. */
export function whyOf(row: QueuedRelease): { code: string; count: number }[] {
  const found = new Map<string, number>();
  if (row.gate?.decision === "blocked" && row.state !== "exported") {
    for (const { code, count } of row.gate.reasons) found.set(code, count ?? 0);
  }
  if (row.reason !== null && !found.has(row.reason)) found.set(row.reason, 0);
  return [...found].map(([code, count]) => ({ code, count }));
}

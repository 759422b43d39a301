// The audit trail: who did what and when, from the rows that the acts themselves have left.

import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { api } from "../../api/http";
import {
  type AuditedAct,
  AUDITED_ACTS,
  type AuditEvent,
  type AuditQuery,
  type ListedAccount,
} from "../../api/types";
import { t } from "../../i18n";
import { exactTime } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { CardTable } from "./card-table";
import { DayField } from "./day-field";
import { dayOf } from "./days";
import { Pages, ROWS, usePlace } from "./pages";
import { usePoller } from "./poller";

const EVERY_MS = 10_000;
const OTHERS = ["operator", "vault", "unknown"] as const;

export function Audit({ accounts }: { readonly accounts: readonly ListedAccount[] }): VNode {
  const what = useSignal("");
  const who = useSignal("");
  const from = useSignal("");
  const until = useSignal("");
  const place = usePlace();
  const text = t().console.audit;
  const choose = (day: Signal<string>) => (value: string) => {
    day.value = value;
    place.value = null;
  };
  const asked: AuditQuery = {
    what: AUDITED_ACTS.find((act) => act === what.value) ?? null,
    who: who.value === "" ? null : who.value,
    from: dayOf(from.value, 0),
    until: dayOf(until.value, 1),
  };
  const seen = usePoller(
    () => api.admin.audit(asked, place.value, ROWS),
    EVERY_MS,
    JSON.stringify([asked, place.value]),
  );
  const page = seen.answer.value;
  const people = [
    ...OTHERS.map((by) => ({ id: by, name: text.by[by] })),
    ...accounts.map(({ id, login, name }) => ({ id, name: `${name} (${login})` })),
  ];
  return (
    <section class="card stack" aria-labelledby="audit">
      <h2 id="audit">{text.title}</h2>
      <p class="hint">{text.hint}</p>
      <div class="columns">
        <Choice
          label={text.columns.what}
          value={what}
          place={place}
          options={AUDITED_ACTS.map((act) => ({ id: act, name: text.acts[act] }))}
        />
        <Choice label={text.columns.who} value={who} place={place} options={people} />
        <DayField label={text.from} value={from.value} onChange={choose(from)} />
        <DayField label={text.until} value={until.value} onChange={choose(until)} />
      </div>
      {seen.refusal.value !== null && <Failure>{refusalText(seen.refusal.value)}</Failure>}
      {page?.events.length === 0 && <p class="hint">{text.empty}</p>}
      {page !== null && page.events.length > 0 && <Table events={page.events} />}
      <div class="row spread">
        {page === null ? <span /> : <Pages place={place} after={page.after} label={text.title} />}
        <span class="row">
          {(["csv", "json"] as const).map((format) => (
            <a key={format} class="button small" href={api.admin.auditFile(asked, format)} download>
              {text.download(format.toUpperCase())}
            </a>
          ))}
        </span>
      </div>
    </section>
  );
}

interface FilterProps {
  readonly label: string;
  readonly value: Signal<string>;
  /** Another question begins with its newest page. */
  readonly place: Signal<string | null>;
}

interface ChoiceProps extends FilterProps {
  readonly options: readonly { readonly id: string; readonly name: string }[];
}

function Choice({ label, options, place, value }: ChoiceProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value.value}
        onChange={(event) => {
          value.value = event.currentTarget.value;
          place.value = null;
        }}
      >
        <option value="">{t().console.audit.all}</option>
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Table({ events }: { readonly events: readonly AuditEvent[] }): VNode {
  const { columns } = t().console.audit;
  return (
    <CardTable
      labelledBy="audit"
      columns={[columns.when, columns.what, columns.who, columns.meeting, columns.detail]}
    >
      {events.map((event, index) => (
        <Row key={`${event.at} ${event.what} ${index}`} event={event} />
      ))}
    </CardTable>
  );
}

function Row({ event }: { readonly event: AuditEvent }): VNode {
  const text = t().console.audit;
  const { columns } = text;
  return (
    <tr data-act={event.what}>
      <th scope="row">{exactTime(event.at)}</th>
      <td data-label={columns.what}>
        <span>{actText(event.what)}</span>
      </td>
      <td data-label={columns.who}>
        {event.account === null ? (
          <span class="hint">{event.by === "account" ? "–" : text.by[event.by]}</span>
        ) : (
          <span>
            <bdi>{event.account.name}</bdi> <bdi class="hint">{event.account.login}</bdi>
          </span>
        )}
      </td>
      <td data-label={columns.meeting}>
        {event.meeting === null ? <span class="hint">–</span> : <bdi>{event.meeting.title}</bdi>}
      </td>
      <td data-label={columns.detail}>
        {event.detail === null ? (
          <span class="hint">–</span>
        ) : (
          <code dir="ltr">{event.detail}</code>
        )}
      </td>
    </tr>
  );
}

/** What was done, in words; of an act that this page does not know, its code. */
export function actText(what: AuditedAct): string {
  const texts: Readonly<Record<string, string | undefined>> = t().console.audit.acts;
  return texts[what] ?? what;
}

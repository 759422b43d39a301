// What an administrator sees first: is all well, what goes on, what comes next, what is to be done.

import type { ComponentChildren, VNode } from "preact";

import { api } from "../../api/http";
import type { Disk, Overview as Seen } from "../../api/types";
import { t } from "../../i18n";
import { bytes, dateTime, listOf } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { usePoller } from "./poller";
import { countText } from "./releases";

const EVERY_MS = 3000;
const DAY_MS = 24 * 60 * 60 * 1000;

export function Overview(): VNode {
  const text = t().console.overview;
  const seen = usePoller(() => api.admin.overview(), EVERY_MS, "");
  const found = seen.answer.value;
  const refusal = seen.refusal.value;
  return (
    <section class="card stack" aria-labelledby="overview">
      <h2 id="overview">{text.title}</h2>
      {refusal !== null && (
        <Failure>
          <p>{refusalText(refusal)}</p>
          <p>{found === null ? text.notKnown : text.asOf(dateTime(found.at))}</p>
        </Failure>
      )}
      {found !== null && (
        <>
          <Readiness seen={found} isNow={refusal === null} />
          <dl class="overview">
            <Item name={text.meetings}>
              {text.running(found.meetings.running, found.meetings.people)}
            </Item>
            <Item name={text.exports}>
              <Exports seen={found} />
            </Item>
            <Item name={text.worker}>
              <Worker seen={found} />
            </Item>
            <Item name={text.certificate}>{certificateText(found)}</Item>
            <Item name={text.disks}>
              {found.disks.map((disk) => (
                <div key={disk.places.join()}>{diskText(disk, found.floor)}</div>
              ))}
            </Item>
            <Item name={text.destructions(found.destructions.days)}>
              <Destructions seen={found} />
            </Item>
            <Item name={text.toDo}>
              <ToDo seen={found} />
            </Item>
          </dl>
        </>
      )}
    </section>
  );
}

function Item(props: { readonly name: string; readonly children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** What was so a while ago is no word about now. */
function Readiness({ isNow, seen }: { readonly isNow: boolean; readonly seen: Seen }): VNode {
  const text = t().console.overview;
  const state = !isNow ? "unknown" : seen.ready ? "ready" : "not-ready";
  return (
    <div class="stack" data-ready={state}>
      <p role="status">
        <strong class="badge">{text.states[state]}</strong>
      </p>
      {seen.reasons.length > 0 && <Codes codes={seen.reasons} />}
      {seen.warnings.length > 0 && (
        <>
          <p>{text.warnings}</p>
          <Codes codes={seen.warnings} />
        </>
      )}
    </div>
  );
}

function Codes({ codes }: { readonly codes: readonly string[] }): VNode {
  const known: Readonly<Record<string, string | undefined>> = t().console.overview.reasons;
  return (
    <ul class="reasons">
      {codes.map((code) => (
        <li key={code} data-reason={code}>
          {known[code]}{" "}
          <code class="hint" dir="ltr">
            {code}
          </code>
        </li>
      ))}
    </ul>
  );
}

function Worker({ seen: { worker } }: { readonly seen: Seen }): VNode {
  const text = t().console.overview;
  if (worker === null) return <span class="hint">{text.neverHeard}</span>;
  const heard = text.heard(dateTime(worker.beat_at));
  return <span class={worker.silent ? "field-error" : undefined}>{heard}</span>;
}

/** Whole days that are left; null for a server whose certificate another shows. */
export function certificateText({ at, certificate }: Pick<Seen, "at" | "certificate">): string {
  const text = t().console.overview;
  if (certificate === null) return text.noCertificate;
  const days = Math.floor((certificate.expires_at - at) / DAY_MS);
  return days < 0 ? text.expired : text.expires(days, dateTime(certificate.expires_at));
}

export function diskText(disk: Disk, floor: number): string {
  const { figures, overview: text } = t().console;
  const places: Readonly<Record<string, string | undefined>> = figures.places;
  const name = listOf(disk.places.map((place) => places[place] ?? place));
  if (disk.free === null || disk.total === null) return `${name}: ${figures.unknown}`;
  const free = text.free(bytes(disk.free), bytes(disk.total));
  return disk.free < floor
    ? `${name}: ${free} ${text.belowFloor(bytes(floor))}`
    : `${name}: ${free}`;
}

function Exports({ seen: { exports } }: { readonly seen: Seen }): VNode {
  const text = t().console.overview;
  return (
    <>
      <div>{text.exportsRunning(exports.running.length, countText(exports.requested))}</div>
      {exports.running.map((one) => (
        <div key={one.id}>
          <code dir="ltr">{one.id}</code>:{" "}
          {t().console.progress(one.meetings_done, one.meetings_total)}
        </div>
      ))}
    </>
  );
}

function Destructions({ seen: { destructions } }: { readonly seen: Seen }): VNode {
  const text = t().console.overview;
  const { count, next } = destructions;
  if (count === 0) return <span>{text.none}</span>;
  return (
    <>
      <div>{text.recordings(countText(count))}</div>
      <ul>
        {next.map(({ at, meeting, title }) => (
          <li key={meeting} data-destruction={meeting}>
            <bdi>{title}</bdi>: {dateTime(at)}
          </li>
        ))}
      </ul>
    </>
  );
}

function ToDo({ seen: { deletions_owed: owed, recalls } }: { readonly seen: Seen }): VNode {
  const text = t().console.overview;
  return (
    <>
      {recalls.meetings === 0 && owed === 0 && <span>{text.none}</span>}
      {recalls.meetings > 0 && (
        <div class="field-error" data-recalls={recalls.meetings}>
          {text.recalls(recalls.meetings, recalls.data_sets)}{" "}
          <a href="#exports">{t().console.exports}</a>
        </div>
      )}
      {owed > 0 && <div data-owed={owed}>{text.owed(countText(owed))}</div>}
    </>
  );
}

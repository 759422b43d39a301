// The log as everybody can read it: its head, and whether witnesses have seen it.

import type { VNode } from "preact";

import type { LogStanding } from "../../api/types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { Failure } from "../../ui/failure";

export function Log({ log }: { readonly log: LogStanding }): VNode {
  const text = t().console.log;
  return (
    <section class="card stack" aria-labelledby="log">
      <h2 id="log">{text.title}</h2>
      <p class="hint">{text.hint}</p>
      {log.problem !== null && <Failure>{text.problem(log.problem)}</Failure>}
      <p>{text.head(log.size, dateTime(log.shown_at))}</p>
      <p class="hint">
        <code>{log.origin}</code>
        <br />
        <code>{log.root}</code>
      </p>
      {log.witnesses.length === 0 && <p class="hint">{text.noWitnesses}</p>}
      {log.witnesses.length > 0 && (
        <ul class="list">
          {log.witnesses.map((witness) => (
            <li class="list-row" key={witness.name}>
              <code>{witness.name}</code>
              <span class="badge">
                {witness.problem === null
                  ? text.cosigned(witness.size ?? 0)
                  : text.witnessProblem(witness.problem)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// The funnel: of those who opened the link, how many came how far; drawn, and as a table under it.

import type { VNode } from "preact";
import { useId } from "preact/hooks";

import type { FunnelCounts } from "../../api/console-types";
import { t } from "../../i18n";
import { decimal } from "../../i18n/format";

export function Funnel({ counts }: { readonly counts: FunnelCounts }): VNode {
  const heading = useId();
  const text = t().console.funnel;
  const most = Math.max(1, ...counts.stages.map(({ people }) => people));
  return (
    <figure class="chart" aria-labelledby={heading} data-funnel={counts.meetings}>
      <figcaption id={heading}>
        {text.title} <span class="hint">{text.meetings(counts.meetings)}</span>
      </figcaption>
      <p class="hint">{text.hint}</p>
      {!counts.whole && <p class="hint">{text.newest(counts.meetings)}</p>}
      <div class="funnel" aria-hidden="true">
        {counts.stages.map(({ people, stage }) => (
          <div key={stage}>
            <span>{text.stages[stage]}</span>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" focusable="false">
              <rect class="funnel-field" width="100" height="6" />
              <rect
                class={stage === "withdrawn" ? "funnel-withdrawn" : "chart-bar"}
                width={(people / most) * 100}
                height="6"
              />
            </svg>
            <span>{people}</span>
          </div>
        ))}
      </div>
      <details>
        <summary>
          {t().console.figures.table}
          <span class="unseen">: {text.title}</span>
        </summary>
        <div class="scroll" tabIndex={0} role="group" aria-labelledby={heading}>
          <table>
            <thead>
              <tr>
                <th scope="col">{text.stage}</th>
                <th scope="col">{text.people}</th>
                <th scope="col">{text.share}</th>
              </tr>
            </thead>
            <tbody>
              {counts.stages.map(({ people, stage }) => (
                <tr key={stage} data-stage={stage}>
                  <th scope="row">{text.stages[stage]}</th>
                  <td>{people}</td>
                  <td>{shareText(people, counts)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Of those who opened the link; of nobody there is no share. */
export function shareText(people: number, { stages }: Pick<FunnelCounts, "stages">): string {
  const invited = stages.find(({ stage }) => stage === "invited")?.people ?? 0;
  return invited === 0 ? "–" : `${decimal(Math.round((people / invited) * 1000) / 10)} %`;
}

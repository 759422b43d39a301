// A chart of counts over time, drawn here, with the same numbers in a table behind it.

import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { t } from "../../i18n";
import { day } from "../../i18n/format";
import { bars, ticks } from "./scale";

const WIDTH = 320;
const HEIGHT = 120;
/** Room for the numbers beside the field, and for the days under it. */
const SIDE = 34;
const FOOT = 18;

interface Props {
  readonly title: string;
  /** When each column begins. */
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

export function Chart({ columns, title, values }: Props): VNode {
  const heading = useId();
  const text = t().console.figures;
  const steps = ticks(Math.max(0, ...values));
  const top = steps.at(-1) ?? 1;
  const total = values.reduce((sum, value) => sum + value, 0);
  const first = columns[0];
  const last = columns.at(-1);
  return (
    <figure class="chart" aria-labelledby={heading}>
      <figcaption id={heading}>
        {title} <span class="hint">{text.total(total)}</span>
      </figcaption>
      {/* What it shows is in the table below, which everybody can read. */}
      <svg
        viewBox={`0 0 ${SIDE + WIDTH} ${HEIGHT + FOOT + 12}`}
        aria-hidden="true"
        focusable="false"
      >
        <g transform={`translate(${SIDE} 8)`}>
          {steps.map((step) => {
            const y = HEIGHT - (step / top) * HEIGHT;
            return (
              <g key={step}>
                <line class="chart-grid" x1={0} x2={WIDTH} y1={y} y2={y} />
                <text class="chart-text" x={-6} y={y + 4} text-anchor="end">
                  {step}
                </text>
              </g>
            );
          })}
          {bars(values, top, WIDTH, HEIGHT).map((bar, place) => (
            <rect key={place} class="chart-bar" rx={1.5} {...bar} />
          ))}
          {first !== undefined && (
            <text class="chart-text" x={0} y={HEIGHT + FOOT}>
              {day(first)}
            </text>
          )}
          {last !== undefined && (
            <text class="chart-text" x={WIDTH} y={HEIGHT + FOOT} text-anchor="end">
              {day(last)}
            </text>
          )}
        </g>
      </svg>
      <details>
        <summary>
          {text.table}
          <span class="unseen">: {title}</span>
        </summary>
        <div class="scroll" tabIndex={0} role="group" aria-labelledby={heading}>
          <table>
            <thead>
              <tr>
                <th scope="col">{text.since}</th>
                <th scope="col">{title}</th>
              </tr>
            </thead>
            <tbody>
              {columns.map((column, place) => (
                <tr key={column}>
                  <th scope="row">{day(column)}</th>
                  <td>{values[place] ?? 0}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

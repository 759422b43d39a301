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
const WIDE_SIDE = 56;
const FOOT = 18;

interface Props {
  readonly title: string;
  /** When each column begins. */
  readonly columns: readonly number[];
  /** Null where nobody knows. */
  readonly values: readonly (number | null)[];
  /** How a value is written; where it is given, the values are no counts and have no sum. */
  readonly write?: (value: number) => string;
}

export function Chart({ columns, title, values, write }: Props): VNode {
  const heading = useId();
  const text = t().console.figures;
  const known = values.map((value) => value ?? 0);
  const steps = ticks(Math.max(0, ...known));
  const top = steps.at(-1) ?? 1;
  const total = known.reduce((sum, value) => sum + value, 0);
  const side = write === undefined ? SIDE : WIDE_SIDE;
  const written = (value: number | null | undefined): string =>
    value === null || value === undefined ? "–" : (write ?? String)(value);
  const first = columns[0];
  const last = columns.at(-1);
  return (
    <figure class="chart" aria-labelledby={heading}>
      <figcaption id={heading}>
        {title} {write === undefined && <span class="hint">{text.total(total)}</span>}
      </figcaption>
      {/* What it shows is in the table below, which everybody can read. */}
      <svg
        viewBox={`0 0 ${side + WIDTH} ${HEIGHT + FOOT + 12}`}
        aria-hidden="true"
        focusable="false"
      >
        <g transform={`translate(${side} 8)`}>
          {steps.map((step) => {
            const y = HEIGHT - (step / top) * HEIGHT;
            return (
              <g key={step}>
                <line class="chart-grid" x1={0} x2={WIDTH} y1={y} y2={y} />
                <text class="chart-text" x={-6} y={y + 4} text-anchor="end">
                  {isolated(written(step))}
                </text>
              </g>
            );
          })}
          {bars(known, top, WIDTH, HEIGHT).map((bar, place) => (
            <rect key={place} class="chart-bar" rx={1.5} {...bar} />
          ))}
          {first !== undefined && (
            <text class="chart-text" x={0} y={HEIGHT + FOOT}>
              {isolated(day(first))}
            </text>
          )}
          {last !== undefined && (
            <text class="chart-text" x={WIDTH} y={HEIGHT + FOOT} text-anchor="end">
              {isolated(day(last))}
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
                  <td>{written(values[place])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** In the direction of its own letters, whatever stands around it. */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

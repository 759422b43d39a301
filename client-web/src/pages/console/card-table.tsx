// A table of which each row is a card where the page is narrow. Cells name their column in data-label.

import type { ComponentChildren, VNode } from "preact";

interface Props {
  /** The id of what names it. */
  readonly labelledBy: string;
  readonly columns: readonly string[];
  /** Its rows. */
  readonly children: ComponentChildren;
}

export function CardTable({ children, columns, labelledBy }: Props): VNode {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-labelledby={labelledBy}>
      <table class="cards-on-phone">
        <thead>
          <tr>
            {columns.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

// A long list a page at a time: back to the newest, and on to older ones.

import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { t } from "../../i18n";

/** So many rows are on a page. */
export const ROWS = 25;

/** Where a page begins; null for the newest. */
export function usePlace(): Signal<string | null> {
  return useSignal<string | null>(null);
}

interface Props {
  readonly place: Signal<string | null>;
  /** Where the next page begins; null on the last. */
  readonly after: string | null;
  /** Of what. */
  readonly label: string;
}

export function Pages({ after, label, place }: Props): VNode | null {
  const text = t().console.pages;
  if (place.value === null && after === null) return null;
  return (
    <nav class="row" aria-label={`${text.label}: ${label}`}>
      <button
        type="button"
        class="button small"
        disabled={place.value === null}
        onClick={() => {
          place.value = null;
        }}
      >
        {text.newest}
      </button>
      <button
        type="button"
        class="button small"
        disabled={after === null}
        onClick={() => {
          place.value = after;
        }}
      >
        {text.older}
      </button>
    </nav>
  );
}

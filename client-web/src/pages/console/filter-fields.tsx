// The part of the export form that narrows it: by language, length, and what a sound is like.

import type { Signal } from "@preact/signals";
import type { VNode } from "preact";

import { t } from "../../i18n";
import { Field } from "../../ui/field";
import type { FilterTexts } from "./export-filters";

interface Props {
  readonly texts: Readonly<Record<keyof FilterTexts, Signal<string>>>;
  readonly wrong: ReadonlySet<keyof FilterTexts>;
  readonly open: Signal<boolean>;
}

export function FilterFields({ open, texts, wrong }: Props): VNode {
  const { filters } = t().console.exporting;
  return (
    <details
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>{filters.title}</summary>
      <div class="stack">
        <Field
          label={filters.languages}
          hint={filters.languagesHint}
          value={texts.languages}
          error={wrong.has("languages") ? filters.languagesWrong : null}
          maxLength={1000}
        />
        <Field
          label={filters.seconds}
          value={texts.seconds}
          error={wrong.has("seconds") ? filters.secondsWrong : null}
          inputMode="numeric"
          maxLength={20}
        />
        <Field
          label={filters.filled}
          value={texts.filled}
          error={wrong.has("filled") ? filters.percentWrong : null}
          inputMode="decimal"
          maxLength={20}
        />
        <Field
          label={filters.clipped}
          hint={filters.later}
          value={texts.clipped}
          error={wrong.has("clipped") ? filters.percentWrong : null}
          inputMode="decimal"
          maxLength={20}
        />
      </div>
    </details>
  );
}

// A field for a day, with what is wrong with it under it.

import type { VNode } from "preact";
import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  /** As in 2026-01-31; empty for none. */
  readonly value: string;
  readonly error?: string | null;
  readonly onChange: (value: string) => void;
}

export function DayField({ error = null, label, onChange, value }: Props): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="date"
        value={value}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : `${id}-error`}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
      {error !== null && (
        <p id={`${id}-error`} class="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

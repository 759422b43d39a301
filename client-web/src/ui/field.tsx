// A labelled text field with its hint and, where it is to blame, the error.

import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: Signal<string>;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
  readonly type?: "text" | "password";
  readonly autoComplete?: "name" | "username" | "current-password" | "new-password" | "off";
  readonly inputMode?: "numeric" | "decimal";
  readonly maxLength?: number;
  readonly required?: boolean;
}

export function Field({
  autoComplete,
  error,
  hint,
  inputMode,
  label,
  maxLength,
  required,
  type = "text",
  value,
}: Props): VNode {
  const id = useId();
  const wrong = error !== undefined && error !== null;
  const password = type === "password";
  const described = [hint === undefined ? "" : `${id}-hint`, wrong ? `${id}-error` : ""];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...(password ? { type: "password" as const } : { type: "text" as const })}
        dir="auto"
        value={value.value}
        required={required ?? false}
        maxLength={maxLength}
        inputMode={inputMode}
        autoComplete={autoComplete ?? "off"}
        aria-invalid={wrong}
        aria-describedby={described.filter(Boolean).join(" ") || undefined}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {wrong && (
        <p id={`${id}-error`} class="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function CheckBox({ checked, label, onChange }: CheckProps): VNode {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
      <span>{label}</span>
    </label>
  );
}

// A link to keep or to send: to be read, selected and copied.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId, useRef } from "preact/hooks";

import { t } from "../i18n";
import { Check } from "./icons";
import { announce } from "./live";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly button: string;
  readonly hint?: string;
}

export function CopyField({ button, hint, label, value }: Props): VNode {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-row">
        <input
          ref={field}
          id={id}
          readOnly
          dir="ltr"
          value={value}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onFocus={() => {
            field.current?.select();
          }}
        />
        <CopyButton value={value} label={button} />
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

interface ButtonProps {
  /** What the button is called; `text` is what stands on it. */
  readonly label: string;
  readonly value: string;
  readonly text?: string;
  readonly small?: boolean;
}

export function CopyButton({ label, small = false, text, value }: ButtonProps): VNode {
  const copied = useSignal(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(value).then(
      () => {
        copied.value = true;
        announce(t().common.copied);
        setTimeout(() => {
          copied.value = false;
        }, 2500);
      },
      () => undefined, // not allowed here; the field can still be selected
    );
  };
  return (
    <button
      type="button"
      class={small ? "button small" : "button"}
      onClick={copy}
      aria-label={label}
    >
      {copied.value && <Check />}
      {copied.value ? t().common.copied : (text ?? t().common.copy)}
    </button>
  );
}

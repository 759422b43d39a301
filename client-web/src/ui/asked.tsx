// A button for what cannot be undone: it asks first, and says what it does.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";

import { Confirm } from "./dialog";

interface Props {
  readonly text: string;
  /** What the button is called, where its text alone does not say it. */
  readonly label?: string;
  readonly hint?: string;
  readonly look?: string;
  readonly disabled?: boolean;
  /** What will happen. */
  readonly children: ComponentChildren;
  readonly onAct: () => void;
}

export function AskedButton(props: Props): VNode {
  const { children, disabled = false, hint, label, look = "button", onAct, text } = props;
  const asking = useSignal(false);
  return (
    <>
      <button
        type="button"
        class={look}
        disabled={disabled}
        title={hint}
        aria-label={label}
        onClick={() => {
          asking.value = true;
        }}
      >
        {text}
      </button>
      {asking.value && (
        <Confirm
          title={label ?? text}
          confirm={text}
          onConfirm={onAct}
          onClose={() => {
            asking.value = false;
          }}
        >
          {children}
        </Confirm>
      )}
    </>
  );
}

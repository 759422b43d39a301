// A modal dialog: the browser's own, which keeps the focus inside and gives it back.

import type { ComponentChildren, VNode } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n";
import { Close } from "./icons";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons at the end; without any, the dialog is only closed. */
  readonly actions?: ComponentChildren;
  readonly wide?: boolean;
}

export function Dialog({ actions, children, onClose, title, wide = false }: Props): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the page is drawn: what is behind a dialog is never there to be pressed once more.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => {
        // Beside the dialog is its backdrop, which counts as the dialog itself.
        if (event.target === dialog.current) onClose();
      }}
      onKeyDown={(event) => {
        // It closes the dialog, and not also the panel that the dialog was opened from.
        if (event.key === "Escape") event.stopPropagation();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button
            type="button"
            class="button icon-only quiet"
            onClick={onClose}
            aria-label={t().common.close}
          >
            <Close />
          </button>
        </header>
        <div class="dialog-content" tabIndex={0} role="group" aria-labelledby={heading}>
          {children}
        </div>
        {actions !== undefined && <footer class="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly confirm: string;
  readonly cancel?: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Ask before something that cannot be undone. */
export function Confirm({
  cancel,
  children,
  confirm,
  onClose,
  onConfirm,
  title,
}: ConfirmProps): VNode {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            {cancel ?? t().common.cancel}
          </button>
          <button
            type="button"
            class="button danger"
            onClick={() => {
              onConfirm();
              onClose();
            }}
          >
            {confirm}
          </button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}

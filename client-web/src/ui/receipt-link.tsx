// The personal link: handed out, with the reason to keep it.

import type { VNode } from "preact";

import { t } from "../i18n";
import { CopyField } from "./copy";

export function ReceiptLink({
  link,
  open = true,
}: {
  readonly link: string;
  readonly open?: boolean;
}): VNode {
  const text = t().receiptLink;
  return (
    <section class="stack receipt-link" aria-labelledby="receipt-link">
      <h2 id="receipt-link">{text.title}</h2>
      <p>{text.why}</p>
      <CopyField label={text.label} value={link} button={text.copy} hint={text.lost} />
      {open && (
        <p>
          <a href={link} target="_blank" rel="noreferrer">
            {text.open}
          </a>
        </p>
      )}
    </section>
  );
}

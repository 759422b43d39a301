// The receipt to take along, where a meeting has been left.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { type Bytes, decode } from "../../crypto/bytes";
import { deriveKeys } from "../../crypto/keys";
import { MEETING_BYTES } from "../../crypto/suite";
import { t } from "../../i18n";
import { Failure, textOf } from "../../ui/failure";
import { fetchReceiptFile, saveReceipt } from "./fetch-receipt";

interface Props {
  readonly meeting: string;
  readonly seed: Bytes;
}

export function SaveReceipt({ meeting, seed }: Props): VNode {
  const busy = useSignal(false);
  const trouble = useSignal<string | null>(null);
  const text = t().proof;
  const save = async (): Promise<void> => {
    busy.value = true;
    trouble.value = null;
    try {
      const keys = await deriveKeys(seed, decode(meeting, MEETING_BYTES));
      saveReceipt(keys.meeting, await fetchReceiptFile(keys));
    } catch (error) {
      trouble.value = textOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="stack" aria-labelledby="save-receipt">
      <h2 id="save-receipt">{text.receiptTitle}</h2>
      <p>{text.saveWhy}</p>
      {trouble.value !== null && <Failure>{trouble.value}</Failure>}
      <p>
        <button type="button" class="button" disabled={busy.value} onClick={() => void save()}>
          {text.saveReceipt}
        </button>
      </p>
    </section>
  );
}

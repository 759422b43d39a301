// Exports: asked for here, made by the vault's worker, which decides itself what goes in.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { asRefused, type Refused } from "../../api/errors";
import { api } from "../../api/http";
import type { Export } from "../../api/types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { AskedButton } from "../../ui/asked";
import { Failure, refusalText } from "../../ui/failure";
import { announce } from "../../ui/live";

interface Props {
  readonly exports: readonly Export[];
  readonly onAsked: () => void;
}

export function Exports({ exports, onAsked }: Props): VNode {
  const refusal = useSignal<Refused | null>(null);
  const busy = useSignal(false);
  const text = t().console;

  const ask = async (): Promise<void> => {
    busy.value = true;
    refusal.value = null;
    try {
      await api.admin.requestExport();
      announce(text.exportAsked);
      onAsked();
    } catch (error) {
      refusal.value = asRefused(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <section class="card stack" aria-labelledby="exports">
      <h2 id="exports">{text.exports}</h2>
      <AskedButton
        text={text.exportReady}
        look="button primary"
        disabled={busy.value}
        onAct={() => void ask()}
      >
        <p>{text.exportConfirm}</p>
      </AskedButton>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      {exports.length === 0 && <p class="hint">{text.noExports}</p>}
      <ul class="list">
        {exports.map((one) => (
          <Row key={one.id} one={one} />
        ))}
      </ul>
    </section>
  );
}

function Row({ one }: { readonly one: Export }): VNode {
  const text = t().console;
  return (
    <li class="list-row" data-export={one.id} data-state={one.state}>
      <div>
        <span class={`badge export-${one.state}`}>{text.exportState[one.state]}</span>{" "}
        {text.progress(one.meetings_done, one.meetings_total)}
        <p class="hint">
          {text.asked(dateTime(one.requested_at))}
          {one.finished_at !== null && ` · ${text.finished(dateTime(one.finished_at))}`}
        </p>
        {one.state === "running" && (
          <progress
            max={Math.max(1, one.meetings_total)}
            value={one.meetings_done}
            aria-label={text.progress(one.meetings_done, one.meetings_total)}
          />
        )}
        {one.folder !== null && (
          <p>
            {text.folder}: <code dir="ltr">{one.folder}</code>
          </p>
        )}
        {one.recipient !== null && one.purpose !== null && (
          <p class="hint" dir="auto">
            {text.givenTo(one.recipient, one.purpose)}
          </p>
        )}
        {one.meetings_recalled > 0 && (
          <p class="field-error" data-recalled={one.meetings_recalled}>
            {text.recalled(one.meetings_recalled)}
          </p>
        )}
        {one.meetings_recalled > 0 && (
          <p class="hint" data-fetched={one.recalls_fetched_at === null ? "no" : "yes"}>
            {one.recalls_fetched_at === null
              ? text.recallsNotFetched
              : text.recallsFetched(dateTime(one.recalls_fetched_at))}
          </p>
        )}
        {one.error !== null && <p class="field-error">{one.error}</p>}
      </div>
    </li>
  );
}

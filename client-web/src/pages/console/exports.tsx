// Exports: asked for here, approved here where two have to, made by the vault's worker, which decides
// itself what goes in.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";

import { api } from "../../api/http";
import type { Export } from "../../api/export-types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { AskedButton } from "../../ui/asked";
import { Failure, refusalText } from "../../ui/failure";
import { useAttempt } from "./attempt";
import { DownloadPart } from "./download";
import { chosen, ExportForm } from "./export-form";

interface Props {
  readonly exports: readonly Export[];
  /** The account that looks. */
  readonly me: string;
  readonly onChanged: () => void;
}

export function Exports({ exports, me, onChanged }: Props): VNode {
  const text = t().console;
  const again = useSignal<string | null>(null);
  const top = useRef<HTMLHeadingElement>(null);
  return (
    <section class="card stack" aria-labelledby="exports">
      <h2 id="exports" ref={top} tabIndex={-1}>
        {text.exports}
      </h2>
      <ExportForm again={again} onAsked={onChanged} />
      {exports.length === 0 && <p class="hint">{text.noExports}</p>}
      <ul class="list">
        {exports.map((one) => (
          <Row
            key={one.id}
            one={one}
            me={me}
            onChanged={onChanged}
            onAgain={() => {
              again.value = one.id;
              top.current?.focus();
            }}
          />
        ))}
      </ul>
    </section>
  );
}

interface DecisionsProps {
  readonly one: Export;
  readonly me: string;
  readonly onChanged: () => void;
}

interface RowProps extends DecisionsProps {
  /** Have the next version of it asked for. */
  readonly onAgain: () => void;
}

function Row({ me, one, onAgain, onChanged }: RowProps): VNode {
  const text = t().console;
  const { exporting } = text;
  const why: Readonly<Record<string, string | undefined>> = exporting.why;
  return (
    <li class="list-row" data-export={one.id} data-state={one.state}>
      <div>
        <span class={`badge export-${one.state}`}>{text.exportState[one.state]}</span>{" "}
        {one.meetings_total > 0 && text.progress(one.meetings_done, one.meetings_total)}
        <p class="hint">{course(one).join(" · ")}</p>
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
            {[text.givenTo(one.recipient, one.purpose), ...chosen(one)].join(" · ")}
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
        {one.error !== null && <p class="field-error">{why[one.error] ?? one.error}</p>}
        {one.state === "done" && (
          <button
            type="button"
            class="button"
            aria-label={
              one.recipient === null
                ? exporting.again.make
                : `${exporting.again.make}: ${one.recipient}`
            }
            onClick={onAgain}
          >
            {exporting.again.make}
          </button>
        )}
        <Decisions one={one} me={me} onChanged={onChanged} />
        <DownloadPart one={one} me={me} onChanged={onChanged} />
      </div>
    </li>
  );
}

/** What has become of it, in the order in which it did. */
function course(one: Export): string[] {
  const text = t().console;
  const { exporting } = text;
  const asked = text.asked(dateTime(one.requested_at));
  const found = [
    one.requested_by === null ? asked : `${asked} ${exporting.askedBy(one.requested_by.name)}`,
  ];
  if (one.approved_at !== null && one.approved_by !== null)
    found.push(exporting.approved(dateTime(one.approved_at), one.approved_by.name));
  if (one.closed_at !== null && one.closed_by !== null) {
    const ended = one.state === "declined" ? exporting.declined : exporting.takenBack;
    found.push(ended(dateTime(one.closed_at), one.closed_by.name));
  }
  if (one.lapses_at !== null) found.push(exporting.lapses(dateTime(one.lapses_at)));
  if (one.finished_at !== null) found.push(text.finished(dateTime(one.finished_at)));
  return found;
}

/** What may be done about one that has not begun: by who asked, or by any other administrator. */
function Decisions({ me, one, onChanged }: DecisionsProps): VNode | null {
  const { attempt, busy, refusal } = useAttempt();
  const { exporting } = t().console;
  const mine = one.requested_by?.id === me;
  const decidable = one.state === "proposed" && !mine;
  const revocable = mine && (one.state === "proposed" || one.state === "requested");
  if (!decidable && !revocable && refusal.value === null) return null;

  const act = (send: (id: string) => Promise<unknown>) => async (): Promise<void> => {
    await attempt(async () => {
      await send(one.id);
    });
    onChanged();
  };
  const label = (verb: string): string =>
    one.recipient === null ? verb : `${verb}: ${one.recipient}`;
  const approve = act(api.admin.approveExport);
  const decline = act(api.admin.declineExport);
  const takeBack = act(api.admin.takeBackExport);

  return (
    <div class="stack decisions">
      <div class="row">
        {decidable && (
          <>
            <AskedButton
              text={exporting.approve}
              label={label(exporting.approve)}
              look="button primary"
              disabled={busy.value}
              onAct={() => void approve()}
            >
              <What one={one} />
              <p>{exporting.approveConfirm}</p>
            </AskedButton>
            <AskedButton
              text={exporting.decline}
              label={label(exporting.decline)}
              disabled={busy.value}
              onAct={() => void decline()}
            >
              <What one={one} />
              <p>{exporting.declineConfirm}</p>
            </AskedButton>
          </>
        )}
        {revocable && (
          <AskedButton
            text={exporting.takeBack}
            label={label(exporting.takeBack)}
            disabled={busy.value}
            onAct={() => void takeBack()}
          >
            <What one={one} />
            <p>{exporting.takeBackConfirm}</p>
          </AskedButton>
        )}
      </div>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
    </div>
  );
}

function What({ one }: { readonly one: Export }): VNode {
  const text = t().console;
  return (
    <p dir="auto">
      {[text.givenTo(one.recipient ?? "", one.purpose ?? ""), ...chosen(one)].join(" · ")}
    </p>
  );
}

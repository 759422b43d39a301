// Asking for an export: to whom, for what, of which meetings; and before it is asked for, how much
// that would be. What goes in is decided by the vault's worker alone.

import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { api } from "../../api/http";
import type { Export, ExportFilters, ExportWish, Forecast } from "../../api/export-types";
import { t } from "../../i18n";
import { bytes, day, decimal, languageName, percent, seconds } from "../../i18n/format";
import { Confirm } from "../../ui/dialog";
import { Failure, refusalText } from "../../ui/failure";
import { CheckBox, Field } from "../../ui/field";
import { announce } from "../../ui/live";
import { useAttempt } from "./attempt";
import { DayField } from "./day-field";
import { readFilters } from "./export-filters";
import { FilterFields } from "./filter-fields";

const HOUR_MS = 3_600_000;
const MOST_RECIPIENT = 200;
const MOST_PURPOSE = 500;

interface Looked {
  readonly wish: ExportWish;
  readonly forecast: Forecast;
  readonly approvals: number;
}

type Chosen = Pick<Export, "since" | "until" | "audio_only" | "again" | "include_exported"> & {
  readonly [Name in keyof ExportFilters]: ExportFilters[Name] | null;
};

/** What is chosen of the meetings, in words. */
export function chosen(wish: Chosen): string[] {
  const { exporting } = t().console;
  const { filters } = exporting;
  const languages = wish.languages ?? [];
  return [
    wish.since === null ? "" : exporting.from(day(Date.parse(wish.since))),
    wish.until === null ? "" : exporting.through(day(Date.parse(wish.until))),
    wish.audio_only === true ? exporting.audioOnly : "",
    wish.again === null ? "" : exporting.again.of(wish.again),
    wish.include_exported === true ? exporting.again.included : "",
    languages.length === 0 ? "" : filters.readIn(languages.map(languageName).join(", ")),
    wish.least_seconds === null ? "" : filters.atLeast(seconds(wish.least_seconds)),
    wish.most_filled === null ? "" : filters.mostFilled(percent(wish.most_filled)),
    wish.most_clipped === null ? "" : filters.mostClipped(percent(wish.most_clipped)),
  ].filter((words) => words !== "");
}

interface Props {
  /** The data set of which the next version is to be made; null where it is a new one. */
  readonly again: Signal<string | null>;
  readonly onAsked: () => void;
}

export function ExportForm({ again, onAsked }: Props): VNode {
  const recipient = useSignal("");
  const purpose = useSignal("");
  const since = useSignal("");
  const until = useSignal("");
  const audioOnly = useSignal(false);
  const included = useSignal(false);
  const texts = {
    languages: useSignal(""),
    seconds: useSignal(""),
    filled: useSignal(""),
    clipped: useSignal(""),
  };
  const narrowed = useSignal(false);
  const tried = useSignal(false);
  const { attempt, busy, refusal } = useAttempt();
  const looked = useSignal<Looked | null>(null);
  const text = t().console;
  const { exporting } = text;

  const missing = (value: string): string | null =>
    tried.value && value.trim() === "" ? exporting.said : null;
  const backwards = since.value !== "" && until.value !== "" && until.value < since.value;

  const { filters, wrong } = readFilters({
    languages: texts.languages.value,
    seconds: texts.seconds.value,
    filled: texts.filled.value,
    clipped: texts.clipped.value,
  });

  const look = async (): Promise<void> => {
    tried.value = true;
    const wish: ExportWish = {
      recipient: recipient.value.trim(),
      purpose: purpose.value.trim(),
      since: since.value || null,
      until: until.value || null,
      audio_only: audioOnly.value,
      again: again.value,
      include_exported: again.value === null && included.value,
      ...filters,
    };
    if (wrong.size > 0) narrowed.value = true; // what is wrong is seen
    if (wish.recipient === "" || wish.purpose === "" || backwards || wrong.size > 0) return;
    await attempt(async () => {
      looked.value = { wish, ...(await api.admin.exportForecast(wish)) };
    });
  };

  const ask = async ({ approvals, wish }: Looked): Promise<void> => {
    await attempt(async () => {
      await api.admin.requestExport(wish);
      announce(approvals > 0 ? exporting.proposed : text.exportAsked);
      recipient.value = "";
      purpose.value = "";
      // They can be folded away: what nobody sees is not asked for the next time.
      for (const text of Object.values(texts)) text.value = "";
      tried.value = false;
      again.value = null;
      onAsked();
    });
  };

  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      {again.value !== null && (
        <div class="stack" data-again={again.value}>
          <p>{exporting.again.hint(again.value)}</p>
          <div>
            <button
              type="button"
              class="button"
              onClick={() => {
                again.value = null;
              }}
            >
              {exporting.again.instead}
            </button>
          </div>
        </div>
      )}
      <Field
        label={exporting.recipient}
        hint={exporting.recipientHint}
        value={recipient}
        error={missing(recipient.value)}
        maxLength={MOST_RECIPIENT}
        required
      />
      <Field
        label={exporting.purpose}
        value={purpose}
        error={missing(purpose.value)}
        maxLength={MOST_PURPOSE}
        required
      />
      <div class="row">
        <DayField
          label={exporting.since}
          value={since.value}
          onChange={(value) => {
            since.value = value;
          }}
        />
        <DayField
          label={exporting.until}
          value={until.value}
          error={tried.value && backwards ? exporting.days : null}
          onChange={(value) => {
            until.value = value;
          }}
        />
      </div>
      <CheckBox
        label={exporting.audioOnly}
        checked={audioOnly.value}
        onChange={(checked) => {
          audioOnly.value = checked;
        }}
      />
      {again.value === null && (
        <CheckBox
          label={exporting.again.included}
          checked={included.value}
          onChange={(checked) => {
            included.value = checked;
          }}
        />
      )}
      <FilterFields texts={texts} wrong={tried.value ? wrong : new Set()} open={narrowed} />
      <div>
        <button type="submit" class="button primary" disabled={busy.value}>
          {again.value === null ? text.exportReady : exporting.again.make}
        </button>
      </div>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      {looked.value !== null && (
        <Asking
          looked={looked.value}
          onConfirm={(what) => void ask(what)}
          onClose={() => {
            looked.value = null;
          }}
        />
      )}
    </form>
  );
}

interface AskingProps {
  readonly looked: Looked;
  readonly onConfirm: (looked: Looked) => void;
  readonly onClose: () => void;
}

function Asking({ looked, onClose, onConfirm }: AskingProps): VNode {
  const text = t().console;
  const { exporting } = text;
  const { approvals, forecast, wish } = looked;
  const title = wish.again === null ? text.exportReady : exporting.again.make;
  return (
    <Confirm
      title={title}
      confirm={approvals > 0 ? exporting.propose : title}
      onConfirm={() => {
        onConfirm(looked);
      }}
      onClose={onClose}
    >
      <p dir="auto">{[text.givenTo(wish.recipient, wish.purpose), ...chosen(wish)].join(" · ")}</p>
      <p data-forecast={forecast.meetings}>
        {[
          exporting.forecast(
            forecast.meetings,
            decimal(forecast.duration / HOUR_MS),
            bytes(forecast.bytes),
          ),
          forecast.unmeasured > 0 && exporting.unmeasured(forecast.unmeasured),
          forecast.left > 0 &&
            (wish.include_exported
              ? exporting.again.noRoom(forecast.left)
              : exporting.left(forecast.left)),
          forecast.unlooked > 0 && exporting.filters.unlooked(forecast.unlooked),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {(wish.most_filled !== null || wish.most_clipped !== null) && (
        <p>{exporting.filters.later}</p>
      )}
      <Left refused={forecast.refused} />
      <p>{text.exportConfirm}</p>
      {approvals > 0 && <p>{exporting.needsApproval}</p>}
    </Confirm>
  );
}

/** What was exported before and cannot be once more, and why. */
function Left({ refused }: Pick<Forecast, "refused">): VNode | null {
  const { again } = t().console.exporting;
  const why: Readonly<Record<string, string | undefined>> = again.why;
  const found = Object.entries(refused);
  if (found.length === 0) return null;
  return (
    <ul class="list">
      {found.map(([code, count]) => (
        <li key={code} data-refused={code}>
          {again.refused(count)} {why[code] ?? code}
        </li>
      ))}
    </ul>
  );
}

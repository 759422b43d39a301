// Figures: what there was over time, and how full the disks are.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { api } from "../../api/http";
import { type Disk, FIGURE_DAYS, FIGURE_SERIES, type FigureDays } from "../../api/types";
import { t } from "../../i18n";
import { bytes, listOf } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { Chart } from "./chart";
import { usePoller } from "./poller";

const EVERY_MS = 30_000;

export function Figures(): VNode {
  const days = useSignal<FigureDays>(30);
  const text = t().console.figures;
  const seen = usePoller(() => api.admin.figures(days.value), EVERY_MS, String(days.value));
  const found = seen.answer.value;
  return (
    <section class="card stack" aria-labelledby="figures">
      <h2 id="figures">{text.title}</h2>
      <p class="hint">{text.hint}</p>
      <div class="row" role="group" aria-label={text.span}>
        {FIGURE_DAYS.map((one) => (
          <button
            key={one}
            type="button"
            class={days.value === one ? "button small primary" : "button small"}
            aria-pressed={days.value === one}
            onClick={() => {
              days.value = one;
            }}
          >
            {text.days(one)}
          </button>
        ))}
      </div>
      {seen.refusal.value !== null && <Failure>{refusalText(seen.refusal.value)}</Failure>}
      {found !== null && (
        <>
          <div class="columns">
            {FIGURE_SERIES.map((name) => (
              <Chart
                key={name}
                title={text.series[name]}
                columns={found.columns}
                values={found.series[name]}
              />
            ))}
          </div>
          <Disks disks={found.disks} />
        </>
      )}
    </section>
  );
}

function Disks({ disks }: { readonly disks: readonly Disk[] }): VNode {
  const text = t().console.figures;
  return (
    <div class="stack">
      <h3>{text.storage}</h3>
      {disks.map((disk) => (
        <DiskUse key={disk.places.join()} disk={disk} />
      ))}
    </div>
  );
}

function DiskUse({ disk }: { readonly disk: Disk }): VNode {
  const text = t().console.figures;
  const places: Readonly<Record<string, string | undefined>> = text.places;
  const name = listOf(disk.places.map((place) => places[place] ?? place));
  if (disk.total === null || disk.free === null) {
    return (
      <p>
        {name}: <span class="hint">{text.unknown}</span>
      </p>
    );
  }
  const used = disk.total - disk.free;
  const words = text.used(bytes(used), bytes(disk.total));
  return (
    <div>
      <p>
        {name}: {words}
      </p>
      <meter min={0} max={disk.total} value={used} aria-label={`${name}: ${words}`} />
    </div>
  );
}

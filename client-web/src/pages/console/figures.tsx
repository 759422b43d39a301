// Figures: what there was over time, and how full the disks are.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import type { StorageOverTime } from "../../api/console-types";
import { api } from "../../api/http";
import { type Disk, FIGURE_DAYS, FIGURE_SERIES, type FigureDays } from "../../api/types";
import { t } from "../../i18n";
import { bytes, listOf } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { Chart } from "./chart";
import { Funnel } from "./funnel";
import { usePoller } from "./poller";

const EVERY_MS = 30_000;

export function Figures(): VNode {
  const days = useSignal<FigureDays>(30);
  const text = t().console.figures;
  const seen = usePoller(() => api.admin.figures(days.value), EVERY_MS, String(days.value));
  const funnel = usePoller(() => api.admin.funnel(days.value), EVERY_MS, String(days.value));
  const storage = usePoller(() => api.admin.storage(days.value), EVERY_MS, String(days.value));
  const found = seen.answer.value;
  const refused = [seen, funnel, storage].find(({ refusal }) => refusal.value !== null);
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
      {refused?.refusal.value && <Failure>{refusalText(refused.refusal.value)}</Failure>}
      {funnel.answer.value !== null && <Funnel counts={funnel.answer.value} />}
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
          {storage.answer.value !== null && <Storage storage={storage.answer.value} />}
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

function Storage({ storage }: { readonly storage: StorageOverTime }): VNode {
  const text = t().console.figures;
  return (
    <div class="stack" data-storage={storage.disks.length}>
      <h3>{text.storageOverTime}</h3>
      <p class="hint">{text.storageHint}</p>
      <div class="columns">
        {storage.disks.map(({ places, used }) => (
          <Chart
            key={places.join()}
            title={nameOf(places)}
            columns={storage.columns}
            values={used}
            write={bytes}
          />
        ))}
      </div>
    </div>
  );
}

function nameOf(places: readonly string[]): string {
  const known: Readonly<Record<string, string | undefined>> = t().console.figures.places;
  return listOf(places.map((place) => known[place] ?? place));
}

function DiskUse({ disk }: { readonly disk: Disk }): VNode {
  const text = t().console.figures;
  const name = nameOf(disk.places);
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

// The whole meeting on one line: who speaks when, where it was paused, and where one is.

import type { ReadonlySignal, Signal } from "@preact/signals";
import type { VNode } from "preact";

import { t } from "../../i18n";
import type { Player } from "../../watching/player";
import type { Span } from "../../watching/speech";
import type { Timeline } from "../../watching/timeline";
import type { Watched } from "./watched";
import { duration } from "./time";
import { Seek } from "./transport";

interface Props {
  readonly player: Player;
  readonly people: readonly Watched[];
  readonly spans: ReadonlySignal<ReadonlyMap<string, readonly Span[]>>;
  readonly focus: Signal<string | null>;
}

const WIDTH = 1000;

export function Lanes({ people, player, spans }: Props): VNode {
  const timeline = player.timeline.value;
  const text = t().watching;
  return (
    <div class="watch-lanes">
      <Seek player={player} />
      <ul aria-label={text.whoSpeaks}>
        {people.map(({ name, person }) => (
          <li key={person}>
            <span class="watch-lane-name">
              <bdi>{name}</bdi>
            </span>
            <Lane
              label={text.spoke(name, share(spans.value.get(person) ?? [], timeline))}
              spans={spans.value.get(person) ?? []}
              {...{ player, timeline }}
            />
            <Volume {...{ name, person, player }} />
          </li>
        ))}
      </ul>
      <Pauses timeline={timeline} />
      <p class="hint">{text.whoSpeaksHow}</p>
    </div>
  );
}

function Lane({
  label,
  player,
  spans,
  timeline,
}: {
  readonly label: string;
  readonly player: Player;
  readonly spans: readonly Span[];
  readonly timeline: Timeline;
}): VNode {
  const scale = timeline.length > 0 ? WIDTH / timeline.length : 0;
  const at = timeline.toWatch(player.position.value) * scale;
  return (
    <svg
      class="watch-lane"
      viewBox={`0 0 ${WIDTH} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const part = (event.clientX - box.left) / box.width;
        player.seek((document.documentElement.dir === "rtl" ? 1 - part : part) * timeline.length);
      }}
    >
      {timeline.stretches.slice(1).map((one) => (
        <rect
          key={one.number}
          class="watch-cut"
          x={one.at * scale - 0.5}
          y={0}
          width={1}
          height={20}
        />
      ))}
      {spans.map(({ end, start }) => {
        const from = timeline.toWatch(start) * scale;
        const width = Math.max(1, timeline.toWatch(end) * scale - from);
        return (
          <rect key={start} class="watch-speech" x={from} y={5} width={width} height={10} rx={2} />
        );
      })}
      <rect class="watch-head" x={at - 1} y={0} width={2} height={20} />
    </svg>
  );
}

/** The part of the meeting in which there is something to hear, in per cent. */
function share(spans: readonly Span[], timeline: Timeline): number {
  if (timeline.length === 0) return 0;
  const heard = spans.reduce((sum, one) => sum + one.end - one.start, 0);
  return Math.min(100, Math.round((heard / timeline.length) * 100));
}

function Volume({
  name,
  person,
  player,
}: {
  readonly name: string;
  readonly person: string;
  readonly player: Player;
}): VNode {
  return (
    <input
      type="range"
      class="watch-volume"
      min={0}
      max={100}
      step={5}
      defaultValue="100"
      aria-label={t().watching.volume(name)}
      title={t().watching.volume(name)}
      onInput={(event) => {
        player.setVolume(person, Number(event.currentTarget.value) / 100);
      }}
    />
  );
}

/** Pauses are skipped; how long they were is said here. */
function Pauses({ timeline }: { readonly timeline: Timeline }): VNode | null {
  const text = t().watching;
  const pauses = timeline.stretches.filter((one) => one.pause >= 1000);
  if (pauses.length === 0) return null;
  const longest = pauses.reduce((sum, one) => sum + one.pause, 0);
  return <p class="hint">{text.pauses(pauses.length, duration(longest))}</p>;
}

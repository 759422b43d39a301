// Play, pause, go elsewhere, faster and slower; by pointer and by keyboard.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { t } from "../../i18n";
import { Back, Forward, Pause, Play } from "../../ui/icons";
import type { Player } from "../../watching/player";
import { clock, duration } from "./time";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;
const LITTLE_MS = 5_000;
const MUCH_MS = 10_000;

export function Transport({ player }: { readonly player: Player }): VNode {
  const text = t().watching;
  const timeline = player.timeline.value;
  const at = timeline.toWatch(player.position.value);
  const playing = player.playing.value;
  return (
    <div class="watch-controls" role="toolbar" aria-label={text.controls}>
      <button
        type="button"
        class="button icon-only"
        aria-label={text.back}
        title={`${text.back} (J)`}
        onClick={() => {
          move(player, -MUCH_MS);
        }}
      >
        <Back />
      </button>
      <button
        type="button"
        class="button round primary"
        aria-label={playing ? text.pause : text.play}
        title={`${playing ? text.pause : text.play} (K)`}
        onClick={() => {
          toggle(player);
        }}
      >
        {playing ? <Pause /> : <Play />}
      </button>
      <button
        type="button"
        class="button icon-only"
        aria-label={text.forward}
        title={`${text.forward} (L)`}
        onClick={() => {
          move(player, MUCH_MS);
        }}
      >
        <Forward />
      </button>
      <span class="watch-time">
        <span data-watch-time>{clock(at)}</span> / {clock(timeline.length)}
        {player.waiting.value && playing && (
          <span class="spinner" role="status" aria-label={text.loading} />
        )}
      </span>
      <label class="watch-speed">
        <span class="unseen">{text.speed}</span>
        <select
          value={String(player.speed.value)}
          onChange={(event) => {
            player.setSpeed(Number(event.currentTarget.value));
          }}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>
              {text.times(speed)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** The line itself, as a slider of seconds. */
export function Seek({ player }: { readonly player: Player }): VNode {
  const text = t().watching;
  const timeline = player.timeline.value;
  const dragged = useSignal<number | null>(null);
  const at = dragged.value ?? timeline.toWatch(player.position.value) / 1000;
  const length = timeline.length / 1000;
  return (
    <input
      type="range"
      class="watch-seek"
      aria-label={text.seek}
      min={0}
      max={Math.max(0.1, length)}
      step={0.1}
      value={at}
      aria-valuetext={text.position(duration(at * 1000), duration(timeline.length))}
      onInput={(event) => {
        dragged.value = Number(event.currentTarget.value);
      }}
      onChange={(event) => {
        dragged.value = null;
        player.seek(Number(event.currentTarget.value) * 1000);
      }}
      onKeyDown={(event) => {
        // A tenth of a second is no step for people.
        const step = { ArrowLeft: -LITTLE_MS, ArrowRight: LITTLE_MS }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        move(player, document.documentElement.dir === "rtl" ? -step : step);
      }}
    />
  );
}

export function toggle(player: Player): void {
  if (player.playing.value) player.pause();
  else player.play();
}

export function move(player: Player, by: number): void {
  player.seek(player.timeline.value.toWatch(player.position.value) + by);
}

/** What the keys do anywhere in the player. */
export function keyPressed(event: KeyboardEvent, player: Player): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const target = event.target instanceof Element ? event.target : null;
  const own = target?.closest("button, select, summary, a, input:not([type=range])") ?? null;
  const range = target?.closest("input[type=range]") ?? null;
  const faster = (step: number): void => {
    const index = SPEEDS.findIndex((speed) => speed === player.speed.value);
    player.setSpeed(SPEEDS[index + step] ?? player.speed.value);
  };
  const actions: Record<string, () => void> = {
    k: () => {
      toggle(player);
    },
    j: () => {
      move(player, -MUCH_MS);
    },
    l: () => {
      move(player, MUCH_MS);
    },
    "<": () => {
      faster(-1);
    },
    ">": () => {
      faster(1);
    },
    ...(own === null && {
      " ": () => {
        toggle(player);
      },
    }),
    ...(own === null &&
      range === null && {
        ArrowLeft: () => {
          move(player, -LITTLE_MS);
        },
        ArrowRight: () => {
          move(player, LITTLE_MS);
        },
        Home: () => {
          player.seek(0);
        },
        End: () => {
          player.seek(Math.max(0, player.timeline.value.length - 100));
        },
      }),
  };
  const act = actions[event.key] ?? actions[event.key.toLowerCase()];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

// Watching: everybody in a grid, the controls, and under it the line of the whole meeting.

import { useComputed, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { t } from "../../i18n";
import { SOURCES } from "../../signalling/tracks";
import { Failure } from "../../ui/failure";
import type { Archive, OpenedGeneration } from "../../watching/archive";
import { Player } from "../../watching/player";
import { isSpeaking, type Span, speech } from "../../watching/speech";
import { Copies } from "./copies";
import { Grid } from "./grid";
import { Lanes } from "./lanes";
import { keyPressed, Transport } from "./transport";
import { peopleOf } from "./watched";

export interface PlayerProps {
  readonly archive: Archive;
  readonly title: string;
}

/** Pictures that are shown at once; of a larger meeting, those who are focused or come first. */
const MOST_PICTURES = 12;

export function PlayerView({ archive, title }: PlayerProps): VNode {
  const player = useMemo(() => new Player(archive), [archive]);
  const generations = useSignal<readonly OpenedGeneration[]>([]);
  const focus = useSignal<string | null>(null);
  const region = useRef<HTMLElement>(null);
  const text = t().watching;

  useEffect(() => {
    player.start();
    player.play();
    region.current?.focus();
    void player
      .openAll((generation) => {
        generations.value = [...generations.peek(), generation];
      })
      .catch(() => undefined); // the player itself says what the matter is
    return () => {
      player.close();
    };
  }, [generations, player]);

  // It is another one after something was deleted.
  const { outline } = archive;
  const people = useMemo(() => peopleOf(outline), [outline]);
  useEffect(() => {
    const shown = people.slice(0, MOST_PICTURES).map((one) => one.person);
    const focused = focus.value;
    if (focused !== null && !shown.includes(focused)) shown.splice(-1, 1, focused);
    player.show(people.length > MOST_PICTURES ? new Set(shown) : null);
  }, [focus.value, people, player]);

  const spans = useComputed<ReadonlyMap<string, readonly Span[]>>(() => {
    const microphones = generations.value
      .flatMap((generation) => [...generation.tracks.values()])
      .filter(({ source }) => SOURCES[source].voice);
    return new Map(
      people.map(({ person }) => [
        person,
        speech(microphones.filter((track) => track.person === person)),
      ]),
    );
  });
  const speaking = useComputed<ReadonlySet<string>>((): ReadonlySet<string> => {
    const at = player.position.value;
    return new Set(
      [...spans.value].filter(([, own]) => isSpeaking(own, at)).map(([person]) => person),
    );
  });

  const trouble = player.trouble.value;
  const deleted = outline.deleted.filter((one) => one.person !== null);
  return (
    <section
      ref={region}
      class="player"
      aria-label={text.region}
      tabIndex={-1}
      data-player={player.playing.value ? "playing" : player.ended.value ? "ended" : "paused"}
      data-waiting={player.waiting.value}
      data-position={Math.round(player.position.value)}
      onKeyDown={(event) => {
        keyPressed(event, player);
      }}
    >
      {trouble !== null && <Failure>{text.trouble[trouble]}</Failure>}
      <Grid {...{ focus, people, player, speaking }} />
      <Transport player={player} />
      <Lanes {...{ focus, people, player, spans }} />
      {player.damaged.value > 0 && <Failure>{text.damaged(player.damaged.value)}</Failure>}
      {deleted.length > 0 && <p class="hint">{text.someDeleted(deleted.length)}</p>}
      <Copies {...{ archive, generations: generations.value, people, title }} />
    </section>
  );
}

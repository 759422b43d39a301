// Everybody of the recording in a grid; one may be large.

import type { ReadonlySignal, Signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../../i18n";
import type { Source } from "../../signalling/tracks";
import type { Player, PlayedTrack } from "../../watching/player";
import { Avatar, BESIDES } from "../meeting/tile";
import type { Watched } from "./watched";

interface Props {
  readonly player: Player;
  readonly people: readonly Watched[];
  readonly speaking: ReadonlySignal<ReadonlySet<string>>;
  readonly focus: Signal<string | null>;
}

export function Grid({ focus, people, player, speaking }: Props): VNode {
  const tracks = player.tracks.value;
  const live = player.live.value;
  // Beside people's faces: their screens, and what another device of theirs has sent.
  const screens = tracks.filter(
    ({ name, source }) => (BESIDES as readonly Source[]).includes(source) && live.has(name),
  );
  const sounds = tracks.filter((one) => one.element instanceof HTMLAudioElement);
  const text = t().watching;
  return (
    <>
      <ul class="watch-grid" aria-label={text.everyone}>
        {screens.map((one) => {
          const name = people.find((each) => each.person === one.person)?.name ?? text.nameless;
          return (
            <Tile
              key={one.name}
              label={one.source === "screen" ? t().meeting.screenOf(name) : name}
              {...{ focus, live: true, picture: one, speaking: false }}
              id={one.name}
              screen
            />
          );
        })}
        {people.map(({ deleted, name, person }) => {
          const picture = tracks.find((one) => one.person === person && one.source === "camera");
          return (
            <Tile
              key={person}
              id={person}
              label={name}
              note={deleted ? text.partDeleted : null}
              picture={picture ?? null}
              live={picture !== undefined && live.has(picture.name)}
              speaking={speaking.value.has(person)}
              focus={focus}
            />
          );
        })}
      </ul>
      <div hidden>
        {sounds.map((one) => (
          <Held key={one.name} track={one} />
        ))}
      </div>
    </>
  );
}

interface TileProps {
  readonly id: string;
  readonly label: string;
  readonly note?: string | null;
  readonly picture: PlayedTrack | null;
  readonly live: boolean;
  readonly speaking: boolean;
  readonly screen?: boolean;
  readonly focus: Signal<string | null>;
}

function Tile(props: TileProps): VNode {
  const { focus, id, label, live, note = null, picture, screen = false, speaking } = props;
  const large = focus.value === id;
  const text = t().watching;
  return (
    <li
      class={`tile watch-tile ${speaking ? "is-speaking" : ""} ${screen ? "is-screen" : ""} ${large ? "is-large" : ""}`}
      data-person={screen ? undefined : id}
      data-live={live}
      data-speaking={speaking}
      aria-label={label}
    >
      {!screen && <Avatar name={label} person={id} />}
      {picture !== null && (
        <div class={live ? "watch-picture" : "watch-picture not-yet"}>
          <Held track={picture} />
        </div>
      )}
      <div class="tile-foot">
        <span class="tile-name">
          <bdi>{label}</bdi>
        </span>
        {note !== null && <span class="tile-away">{note}</span>}
      </div>
      <button
        type="button"
        class="watch-focus"
        aria-pressed={large}
        aria-label={text.large(label)}
        title={text.large(label)}
        onClick={() => {
          focus.value = large ? null : id;
        }}
      />
    </li>
  );
}

/** The player's own element, where it is to be seen. */
function Held({ track }: { readonly track: PlayedTrack }): VNode {
  const place = useRef<HTMLDivElement>(null);
  const { element } = track;
  useEffect(() => {
    element.dataset["person"] = track.person;
    element.dataset["source"] = track.source;
    place.current?.replaceChildren(element);
  }, [element, track]);
  return <div ref={place} class="watch-held" aria-hidden="true" />;
}

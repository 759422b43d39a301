// The stage: everybody's tile as large as the window allows; a shared screen takes the most of it.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../../i18n";
import { keyOf, type Received } from "../../media/subscriber";
import type { MeetingSession } from "../../meeting/session";
import type { RoomPerson } from "../../signalling/messages";
import { arrange } from "./arrange";
import { BESIDES, type Held, PLACES, Tile, type TileView } from "./tile";

const GAP = 10;
/** The part of the stage that a shared screen gets. */
const SCREEN_SHARE = 0.78;

export function Stage({ session }: { readonly session: MeetingSession }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { height, width } = entry.contentRect;
      size.value = { width: Math.floor(width), height: Math.floor(height) };
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [size]);

  const { faces, screens } = tilesOf(session);
  const { height, width } = size.value;
  return (
    <div ref={box} class="stage">
      {width > 0 && (
        <>
          {screens.length > 0 ? (
            <WithScreen {...{ faces, height, screens, session, width }} />
          ) : (
            <Grid tiles={faces} {...{ height, session, width }} />
          )}
        </>
      )}
      {faces.length === 1 && screens.length === 0 && (
        <p class="stage-empty">
          <strong>{t().meeting.empty}</strong> {t().meeting.emptyHint}
        </p>
      )}
    </div>
  );
}

interface GridProps {
  readonly session: MeetingSession;
  readonly tiles: readonly TileView[];
  readonly width: number;
  readonly height: number;
}

function Grid({ height, session, tiles, width }: GridProps): VNode {
  const tile = arrange(tiles.length, width, height, GAP);
  return (
    <ul
      class="grid"
      aria-label={t().people.title}
      style={{ width: `${width}px`, height: `${height}px` }}
    >
      {tiles.map((one) => (
        <Tile
          key={keyOf(one.person, one.source)}
          tile={one}
          width={tile.width}
          height={tile.height}
          view={session.connections.view}
          onMissing={() => {
            session.missing(one.person, one.source);
          }}
        />
      ))}
    </ul>
  );
}

interface ScreenProps extends Omit<GridProps, "tiles"> {
  readonly faces: readonly TileView[];
  readonly screens: readonly TileView[];
}

function WithScreen({ faces, height, screens, session, width }: ScreenProps): VNode {
  const beside = width > height;
  const main = Math.floor((beside ? width : height) * SCREEN_SHARE);
  const rest = (beside ? width : height) - main - GAP;
  const [first] = screens;
  return (
    <div class={`with-screen ${beside ? "beside" : "above"}`}>
      <ul
        class="grid"
        aria-label={first === undefined ? undefined : t().meeting.screenOf(first.name)}
      >
        {screens.slice(0, 1).map((one) => (
          <Tile
            key={keyOf(one.person, one.source)}
            tile={one}
            width={beside ? main : width}
            height={beside ? height : main}
            view={session.connections.view}
            onMissing={() => {
              session.missing(one.person, one.source);
            }}
          />
        ))}
      </ul>
      <Grid
        session={session}
        tiles={[...screens.slice(1), ...faces]}
        width={beside ? rest : width}
        height={beside ? height : rest}
      />
    </div>
  );
}

function tilesOf(session: MeetingSession): { faces: TileView[]; screens: TileView[] } {
  const room = session.room.value;
  const received = session.connections.received.value;
  const speakers = new Set(session.speakers.value);
  const me = room?.you.person ?? null;
  const faces: TileView[] = [];
  const screens: TileView[] = [];
  // Oneself comes first, the others as the server lists them, so that nobody jumps about.
  const people = [...(room?.people ?? [])].sort(
    (left, right) => Number(right.person === me) - Number(left.person === me),
  );
  for (const person of people) {
    const self = person.person === me;
    const base = {
      person: person.person,
      name: person.name,
      self,
      speaking: speakers.has(person.person) && !isMuted(session, person, self),
      connected: person.connected,
      brought: session.introductions.known.value.get(person.person)?.brought !== false,
    };
    faces.push({
      ...base,
      source: "camera",
      muted: isMuted(session, person, self),
      silenced: silencedOf(session, person, self),
      ...camera(session, person, self, received),
    });
    for (const source of BESIDES) {
      // What one's own browser sends is not received; what another device of one's own sends is.
      const track =
        self && source !== "device-camera"
          ? session.media.tracks[source].value
          : (received.get(keyOf(person.person, source))?.track ?? null);
      if (track === null) continue;
      const tile = { ...base, source, track, shows: true, ...NOT_MUTED };
      if (PLACES[source] === "large") screens.push({ ...tile, speaking: false });
      else faces.push(tile);
    }
  }
  return { faces, screens };
}

function isMuted(session: MeetingSession, person: RoomPerson, self: boolean): boolean {
  if (self) return session.media.silence.microphone.value !== null;
  return !person.sources.includes("microphone") || person.muted.includes("microphone");
}

const NOT_MUTED = { muted: false, silenced: [] } as const;

/** What the person's system or device holds back, and not the person. */
function silencedOf(session: MeetingSession, person: RoomPerson, self: boolean): readonly Held[] {
  const held = (kind: Held): boolean =>
    self ? session.media.silence[kind].value === "system" : person.silenced.includes(kind);
  return (["microphone", "camera"] as const).filter(held);
}

function camera(
  session: MeetingSession,
  person: RoomPerson,
  self: boolean,
  received: ReadonlyMap<string, Received>,
): Pick<TileView, "track" | "shows"> {
  if (self) {
    const track = session.media.camera.track.value;
    return { track, shows: session.media.silence.camera.value === null };
  }
  const track = received.get(keyOf(person.person, "camera"))?.track ?? null;
  return { track, shows: !person.muted.includes("camera") };
}

// One person, or one screen: the picture where there is one, the name, and what is the matter.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../../i18n";
import type { View } from "../../meeting/view";
import type { PictureSource } from "../../signalling/tracks";
import { MicrophoneOff, Warning } from "../../ui/icons";

export type Held = "microphone" | "camera";

/** Where the pictures of each source are shown: over their person's face, beside it, or large. */
export const PLACES: Readonly<Record<PictureSource, "face" | "beside" | "large">> = {
  camera: "face",
  "device-camera": "beside",
  screen: "large",
};

/** The sources of pictures that have a tile of their own, beside the one that everybody has. */
export const BESIDES = (Object.keys(PLACES) as PictureSource[]).filter(
  (source) => PLACES[source] !== "face",
);

export interface TileView {
  readonly person: string;
  /** A device is another one of the same person. */
  readonly source: PictureSource;
  readonly name: string;
  readonly self: boolean;
  readonly track: MediaStreamTrack | null;
  /** Whether there ought to be a picture. */
  readonly shows: boolean;
  readonly muted: boolean;
  /** What gives nothing although its person wants it to. */
  readonly silenced: readonly Held[];
  readonly speaking: boolean;
  readonly connected: boolean;
  /** False where it is known that the invitation has not brought them. */
  readonly brought: boolean;
}

interface Props {
  readonly tile: TileView;
  readonly width: number;
  readonly height: number;
  /** Is told what is seen, and how large. */
  readonly view: View;
  readonly onMissing: () => void;
}

/** As far as the window is high; `scrollMargin` is for lists that scroll inside of it. */
const NEAR = { rootMargin: "100%", scrollMargin: "100%" };

/** How long a picture may take before a whole one is asked for, and how often that is done. */
const MISSING_MS = 1500;
const ASKS = 5;

export function Tile({ height, onMissing, tile, view, width }: Props): VNode {
  const {
    brought,
    connected,
    muted,
    name,
    person,
    self,
    shows,
    silenced,
    source,
    speaking,
    track,
  } = tile;
  const text = t().meeting;
  const label =
    source === "screen" ? text.screenOf(name) : self ? text.yourTile(name) : text.tile(name);
  return (
    <li
      class={`tile ${speaking ? "is-speaking" : ""} ${source === "screen" ? "is-screen" : ""}`}
      data-person={person}
      data-source={source}
      data-self={self}
      data-speaking={speaking}
      style={{ width: `${width}px`, height: `${height}px` }}
      aria-label={label}
    >
      {source === "camera" && <Avatar name={name} person={person} />}
      {track !== null && shows && (
        <Picture {...{ height, label, onMissing, person, self, source, track, view }} />
      )}
      <div class="tile-foot">
        <span class="tile-name">
          {muted && (
            <span class="tile-muted" title={text.muted}>
              <MicrophoneOff />
              <span class="unseen">{text.muted}</span>
            </span>
          )}
          <bdi>{label}</bdi>
        </span>
        {silenced.map((kind) => (
          <span
            class="tile-away"
            key={kind}
            data-silenced={kind}
            title={heldWords(kind, name, self)}
          >
            <Warning /> {kind === "microphone" ? text.mutedBySystem : text.darkenedBySystem}
            <span class="unseen">{heldWords(kind, name, self)}</span>
          </span>
        ))}
        {!brought && (
          <span class="tile-away" data-not-brought>
            <Warning /> {text.notBrought}
          </span>
        )}
        {!connected && (
          <span class="tile-away">
            <Warning /> {text.away}
          </span>
        )}
      </div>
    </li>
  );
}

/** What to do about it: oneself, or by telling the other. */
function heldWords(kind: Held, name: string, self: boolean): string {
  return self ? t().deviceNotes[kind].silenced : t().deviceNotes[kind].theirs(name);
}

/** The first letters of a name on a quiet colour of the person's own. */
export function Avatar({
  name,
  person,
}: {
  readonly name: string;
  readonly person: string;
}): VNode {
  const hue = [...new TextEncoder().encode(person)].reduce(
    (sum, byte) => (sum * 31 + byte) % 360,
    7,
  );
  return (
    <span class="avatar" style={{ "--hue": String(hue) }} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return picked
    .map((word = "") => letters.segment(word)[Symbol.iterator]().next().value?.segment ?? "")
    .join("")
    .toLocaleUpperCase();
}

interface PictureProps {
  readonly track: MediaStreamTrack;
  readonly label: string;
  readonly self: boolean;
  readonly source: TileView["source"];
  readonly person: string;
  readonly height: number;
  readonly view: View;
  readonly onMissing: () => void;
}

function Picture(props: PictureProps): VNode {
  const { height, label, onMissing, person, self, source, track, view } = props;
  const video = useRef<HTMLVideoElement>(null);
  const seen = useSignal(false);
  const ask = useRef(onMissing);
  ask.current = onMissing;

  // A picture that is scrolled far out of sight is not shown; one that is near may be next.
  useEffect(() => {
    const element = video.current;
    if (element === null || self) return undefined;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true) view.show(person, source, height);
      else view.hide(person, source);
    }, NEAR);
    observer.observe(element);
    return () => {
      observer.disconnect();
      view.hide(person, source);
    };
  }, [height, person, self, source, view]);

  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    seen.value = false;
    element.srcObject = new MediaStream([track]);
    void element.play().catch(() => undefined); // muted pictures play; anything else shows the name
    let asked = 0;
    const timer = setInterval(() => {
      if (seen.value || self || asked >= ASKS) {
        clearInterval(timer);
        return;
      }
      asked += 1;
      ask.current();
    }, MISSING_MS);
    return () => {
      clearInterval(timer);
      element.srcObject = null;
    };
  }, [seen, self, track]);

  return (
    <video
      ref={video}
      class={`${self && source === "camera" ? "mirrored" : ""} ${seen.value ? "" : "not-yet"}`}
      autoPlay
      muted
      playsInline
      aria-label={label}
      onLoadedData={() => {
        seen.value = true;
      }}
    />
  );
}

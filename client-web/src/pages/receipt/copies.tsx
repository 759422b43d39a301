// One's own copy, track by track; and what it means to have one.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../../i18n";
import { Failure } from "../../ui/failure";
import { download, pickFile } from "../../ui/save-stream";
import type { Archive, OpenedGeneration } from "../../watching/archive";
import { parseTrack } from "../../watching/closing";
import { copyTrack, PartSink, type Sink, sizeOf } from "../../watching/copy";
import type { Watched } from "./watched";

interface Props {
  readonly archive: Archive;
  readonly generations: readonly OpenedGeneration[];
  readonly people: readonly Watched[];
  readonly title: string;
}

export function Copies({ archive, generations, people, title }: Props): VNode {
  const text = t().watching;
  const all =
    generations.length === archive.outline.generations.filter((one) => one.length !== null).length;
  const names = [...new Set(generations.flatMap((generation) => [...generation.tracks.keys()]))];
  const stop = useRef(new AbortController());
  const progress = useSignal<{ track: string; bytes: number; size: number } | null>(null);
  const said = useSignal<string | null>(null);
  const failed = useSignal<string | null>(null);
  useEffect(
    () => () => {
      stop.current.abort();
    },
    [],
  );

  const copy = async (track: string, file: string, size: number): Promise<void> => {
    failed.value = null;
    said.value = null;
    const sink = await sinkFor(file);
    if (sink === null) return;
    stop.current = new AbortController();
    progress.value = { track, bytes: 0, size };
    try {
      const count = (bytes: number): void => {
        const now = progress.peek();
        if (now !== null) progress.value = { ...now, bytes: now.bytes + bytes };
      };
      const { missing } = await copyTrack(
        archive,
        generations,
        track,
        sink,
        count,
        stop.current.signal,
      );
      said.value = missing === 0 ? text.copied : text.copiedPartly(missing);
    } catch (error) {
      if ((error as Error).name !== "AbortError") failed.value = text.notCopied;
    } finally {
      progress.value = null;
    }
  };

  return (
    <details class="watch-copies">
      <summary>{text.copyTitle}</summary>
      <div class="stack">
        <p class="banner note">{text.copyMeans}</p>
        {!all && <p role="status">{text.opening}</p>}
        {all && (
          <ul class="watch-tracks">
            {names.map((track) => {
              const { person, source } = parseTrack(track);
              const name = people.find((one) => one.person === person)?.name ?? text.nameless;
              const size = sizeOf(generations, track);
              const label = text.track(name, text.sources[source]);
              const busy = progress.value?.track === track ? progress.value : null;
              return (
                <li key={track} data-copy={track}>
                  <span>
                    <bdi>{label}</bdi> <span class="hint">{megabytes(size)}</span>
                  </span>
                  {busy === null ? (
                    <button
                      type="button"
                      class="button small"
                      disabled={progress.value !== null}
                      aria-label={text.copyOf(label)}
                      onClick={() => void copy(track, fileName(title, name, source), size)}
                    >
                      {text.copy}
                    </button>
                  ) : (
                    <span class="row">
                      <progress
                        max={busy.size}
                        value={busy.bytes}
                        aria-label={text.copyOf(label)}
                      />
                      <button
                        type="button"
                        class="button small"
                        onClick={() => {
                          stop.current.abort();
                        }}
                      >
                        {t().common.cancel}
                      </button>
                    </span>
                  )}
                </li>
              );
            })}
          </ul>
        )}
        {failed.value !== null && <Failure>{failed.value}</Failure>}
        <p role="status">{said.value}</p>
      </div>
    </details>
  );
}

/** Where a copy goes: a file the person picks, or files the browser downloads; null: changed mind. */
function sinkFor(name: string): Promise<Sink | null> {
  return pickFile(
    name,
    "video/webm",
    () =>
      new PartSink((part, number, last) => {
        download(part, last && number === 1 ? name : name.replace(/\.webm$/, `.${number}.webm`));
      }),
  );
}

/** Without what file systems or shells could take for something else. */
export function fileName(title: string, name: string, source: string): string {
  const clean = (text: string): string =>
    text
      .normalize("NFC")
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 60);
  return `${[title, name, source].map(clean).filter(Boolean).join("_")}.webm`;
}

function megabytes(bytes: number): string {
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit: "megabyte",
    maximumFractionDigits: bytes < 10_000_000 ? 1 : 0,
  }).format(bytes / 1_000_000);
}

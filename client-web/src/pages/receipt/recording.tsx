// The recording on the receipt page: what there is of it, who can open which stretch, and watching.

import { useSignal } from "@preact/signals";
import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import { serverNow } from "../../api/clock";
import { Refused } from "../../api/errors";
import { api } from "../../api/http";
import type { Charter } from "../../crypto/charter";
import { CryptoError } from "../../crypto/errors";
import type { PersonKeys } from "../../crypto/keys";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { Play } from "../../ui/icons";
import { Archive, Destroyed } from "../../watching/archive";
import { canPlay } from "../../watching/media-buffer";
import type { PlayerProps } from "./player";
import { Stretches } from "./stretches";
import { duration } from "./time";

interface Props {
  readonly keys: PersonKeys;
  readonly charter: Charter;
  readonly title: string;
  /** What makes it worth asking anew: generations that were added, deletions, destruction. */
  readonly state: string;
}

type Found = { at: "opening" } | { at: "open"; archive: Archive } | { at: "failed"; why: string };

export function RecordingCard({ charter, keys, state, title }: Props): VNode {
  const found = useSignal<Found>({ at: "opening" });
  const revision = useSignal(0);
  const [Player, setPlayer] = useState<ComponentType<PlayerProps> | null>(null);
  const loading = useSignal(false);
  const text = t().watching;

  useEffect(() => {
    let current = true;
    const before = found.peek();
    const asked =
      before.at === "open"
        ? before.archive.refresh().then(() => before.archive)
        : Archive.open(keys, charter, api, serverNow);
    asked.then(
      (archive) => {
        if (!current) return;
        found.value = { at: "open", archive };
        revision.value += 1;
      },
      (error: unknown) => {
        if (current && found.peek().at !== "open") found.value = { at: "failed", why: why(error) };
      },
    );
    return () => {
      current = false;
    };
  }, [charter, found, keys, revision, state]);

  const watch = (): void => {
    loading.value = true;
    void import("./player").then((module) => {
      setPlayer(() => module.PlayerView);
      loading.value = false;
    });
  };

  const opened = found.value;
  const outline = opened.at === "open" ? opened.archive.outline : null;
  const destroyed = outline?.destroyed_at ?? null;
  const closed = outline?.generations.filter((one) => one.length !== null) ?? [];
  const length = closed.reduce((sum, one) => sum + (one.length ?? 0), 0);
  return (
    <section
      class="card stack watch-card"
      aria-labelledby="recording"
      data-revision={revision.value}
    >
      <h2 id="recording">{text.title}</h2>
      {opened.at === "opening" && <p role="status">{text.opening}</p>}
      {opened.at === "failed" && <Failure>{opened.why}</Failure>}
      {destroyed !== null && <p data-watch="destroyed">{text.destroyedAt(dateTime(destroyed))}</p>}
      {opened.at === "open" && outline?.destroyed_at === null && (
        <>
          {closed.length === 0 ? (
            <p>{outline.running ? text.notYet : text.nothingForYou}</p>
          ) : (
            <>
              <p class="lead">{text.summary(duration(length), closed.length)}</p>
              {outline.others > 0 && <p class="hint">{text.others(outline.others)}</p>}
              {outline.generations.length > closed.length && (
                <p class="hint">{text.stillRecording}</p>
              )}
              {!canPlay() ? (
                <Failure>{text.cannotPlay}</Failure>
              ) : Player === null ? (
                <p>
                  <button
                    type="button"
                    class="button primary large"
                    disabled={loading.value}
                    onClick={watch}
                  >
                    <Play /> {text.watch}
                  </button>
                </p>
              ) : (
                <Player archive={opened.archive} title={title} />
              )}
              <p class="hint">{text.openedHere(dateTime(outline.retain_until))}</p>
              <Stretches archive={opened.archive} generations={outline.generations} />
            </>
          )}
        </>
      )}
    </section>
  );
}

function why(error: unknown): string {
  if (error instanceof CryptoError) return t().watching.trouble.untrue;
  if (error instanceof Destroyed) return t().watching.trouble.destroyed;
  if (error instanceof Refused) return refusalText(error);
  throw error;
}

// Downloading a data set in this page: asked for, approved where two have to, fetched as it comes.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Refused } from "../../api/errors";
import { api } from "../../api/http";
import type { Download, Export } from "../../api/export-types";
import { decode } from "../../crypto/bytes";
import { CryptoError } from "../../crypto/errors";
import { DownloadFailed, fetchDataSet, type Progress } from "../../download/fetch";
import { RowOfParts } from "../../download/parts";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { AskedButton } from "../../ui/asked";
import { Failure, refusalText } from "../../ui/failure";
import { announce } from "../../ui/live";
import { download as saveFile, pickFile } from "../../ui/save-stream";
import type { Sink } from "../../watching/copy";
import { useAttempt } from "./attempt";

interface Props {
  readonly one: Export;
  /** The account that looks. */
  readonly me: string;
  readonly onChanged: () => void;
}

export function DownloadPart({ me, one, onChanged }: Props): VNode | null {
  const text = t().console.downloading;
  const progress = useSignal<Progress | null>(null);
  const busy = useSignal(false);
  const failed = useSignal<string | null>(null);
  const said = useSignal<string | null>(null);
  const stop = useRef(new AbortController());
  useEffect(
    () => () => {
      stop.current.abort();
    },
    [],
  );

  const fetchIt = async (): Promise<void> => {
    failed.value = null;
    said.value = null;
    // First of all: a file can be picked only right after a click.
    const sink = await sinkFor(`data-set-${one.id}.tar`);
    if (sink === null) return;
    busy.value = true;
    stop.current = new AbortController();
    try {
      const { vault_identity: identity } = await api.info();
      if (identity === null) throw new Refused("vault-unavailable");
      const report = (now: Progress): void => {
        progress.value = now;
      };
      const signal = stop.current.signal;
      await fetchDataSet(api.admin, one.id, decode(identity), sink, report, signal);
      said.value = text.done;
      announce(text.done);
    } catch (error) {
      if ((error as Error).name === "AbortError") {
        said.value = text.cancelled;
        announce(text.cancelled);
      } else failed.value = whyText(error);
    } finally {
      busy.value = false;
      progress.value = null;
      onChanged();
    }
  };

  if (one.state !== "done") return null;
  const mine = progress.value?.download.id;
  return (
    <div
      class="stack"
      data-download={busy.value ? "running" : said.value === text.done ? "done" : ""}
    >
      {busy.value ? (
        <Running
          progress={progress.value}
          onCancel={() => {
            stop.current.abort();
          }}
        />
      ) : (
        <div>
          <AskedButton
            text={text.start}
            label={one.recipient === null ? text.start : `${text.start}: ${one.recipient}`}
            onAct={() => void fetchIt()}
          >
            <p>{text.confirm}</p>
            {!("showSaveFilePicker" in globalThis) && <p>{text.parts}</p>}
          </AskedButton>
        </div>
      )}
      {failed.value !== null && <Failure>{failed.value}</Failure>}
      {said.value !== null && <p>{said.value}</p>}
      {!busy.value && <Former downloads={one.downloads} me={me} onChanged={onChanged} />}
      {one.downloads
        .filter(({ id, requested_by: by }) => id !== mine && by?.id !== me)
        .map((other) => (
          <Other key={other.id} download={other} onChanged={onChanged} />
        ))}
    </div>
  );
}

function Running(props: {
  readonly progress: Progress | null;
  readonly onCancel: () => void;
}): VNode {
  const text = t().console.downloading;
  const { progress } = props;
  const total = progress?.download.bytes ?? null;
  const words = progress === null ? text.asked : progressText(progress);
  return (
    <div class="stack">
      <p role="status">{stateText(progress)}</p>
      <div class="row">
        <progress
          {...(total === null ? {} : { max: total, value: progress?.bytes ?? 0 })}
          aria-label={words}
        />
        <span>{total === null ? "" : words}</span>
        <button type="button" class="button small" onClick={props.onCancel}>
          {t().common.cancel}
        </button>
      </div>
    </div>
  );
}

/** Of one that a page of this account had begun, whose key has gone with it. */
function Former(props: {
  readonly downloads: readonly Download[];
  readonly me: string;
  readonly onChanged: () => void;
}): VNode | null {
  const { busy, refusal, attempt } = useAttempt();
  const mine = props.downloads.find(({ requested_by: by }) => by?.id === props.me);
  if (mine === undefined) return null;
  const cancel = attempt.bind(null, async () => {
    await api.admin.cancelDownload(mine.id);
    props.onChanged();
  });
  return (
    <div class="row" data-former={mine.id}>
      <p class="hint">{t().console.downloading.elsewhere}</p>
      <button
        type="button"
        class="button small"
        disabled={busy.value}
        onClick={() => void cancel()}
      >
        {t().common.cancel}
      </button>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
    </div>
  );
}

/** Somebody else's: to be approved, or how far it has come. */
function Other(props: { readonly download: Download; readonly onChanged: () => void }): VNode {
  const { download, onChanged } = props;
  const { busy, refusal, attempt } = useAttempt();
  const text = t().console.downloading;
  const name = download.requested_by?.name ?? "–";
  const act = (send: (id: string) => Promise<unknown>) => () =>
    void attempt(async () => {
      await send(download.id);
    }).finally(onChanged);
  return (
    <div class="stack decisions" data-other={download.state}>
      <p>
        {download.state === "proposed" ? text.wants(name) : text.byOther(name)}
        {download.bytes !== null && download.chunks !== null && (
          <>
            {" · "}
            {text.progress(
              bytes((download.bytes * download.taken) / download.chunks),
              bytes(download.bytes),
            )}
          </>
        )}
      </p>
      {download.state === "proposed" && (
        <div class="row">
          <AskedButton
            text={text.approve}
            label={`${text.approve}: ${name}`}
            look="button primary"
            disabled={busy.value}
            onAct={act(api.admin.approveDownload)}
          >
            <p>{text.approveConfirm}</p>
          </AskedButton>
          <AskedButton
            text={text.decline}
            label={`${text.decline}: ${name}`}
            disabled={busy.value}
            onAct={act(api.admin.declineDownload)}
          >
            <p>{text.declineConfirm}</p>
          </AskedButton>
        </div>
      )}
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
    </div>
  );
}

function sinkFor(name: string): Promise<Sink | null> {
  return pickFile(
    name,
    "application/x-tar",
    () =>
      new RowOfParts((part, number, alone) => {
        saveFile(part, alone ? name : `${name}.${String(number).padStart(3, "0")}`);
      }),
  );
}

function progressText({ bytes: done, download }: Progress): string {
  return t().console.downloading.progress(bytes(done), bytes(download.bytes ?? 0));
}

/** What it does, or waits for. */
function stateText(progress: Progress | null): string {
  const text = t().console.downloading;
  if (progress === null) return text.asked;
  if (progress.away) return text.away;
  const { error, state } = progress.download;
  if (state === "proposed") return text.proposed;
  if (error !== null) return codeText(error);
  return state === "requested" ? text.asked : "";
}

function codeText(code: string): string {
  const { downloading, exporting } = t().console;
  const why: Readonly<Record<string, string | undefined>> = {
    ...exporting.why,
    ...downloading.why,
  };
  return why[code] ?? code;
}

/** Why it ended. */
export function whyText(error: unknown): string {
  const text = t().console.downloading;
  if (error instanceof Refused) return refusalText(error);
  if (error instanceof CryptoError) return text.untrue;
  if (!(error instanceof DownloadFailed)) return text.notWritten;
  if (error.code !== null) return codeText(error.code);
  return error.state === "lapsed" ? text.lapsed : text.cancelled;
}

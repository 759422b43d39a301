// Each stretch of the recording, and how many could open it: from headers that were checked here.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import type { Outline } from "../../api/types";
import { encode } from "../../crypto/bytes";
import type { Header } from "../../crypto/epoch";
import { t } from "../../i18n";
import { exactTime } from "../../i18n/format";
import type { Archive } from "../../watching/archive";
import { clock } from "./time";

interface Props {
  readonly archive: Archive;
  readonly epochs: Outline["epochs"];
}

export function Stretches({ archive, epochs }: Props): VNode {
  const headers = useSignal<ReadonlyMap<number, Header | "untrue">>(new Map());
  const open = useSignal(false);
  const text = t().watching;
  const wanted = open.value ? epochs.length : 0;

  useEffect(() => {
    let current = true;
    const load = async (): Promise<void> => {
      for (const { epoch } of epochs.slice(0, wanted)) {
        if (headers.peek().has(epoch)) continue;
        const found = await archive.header(epoch).catch((error: unknown) => {
          if ((error as Error).name === "FormatError") return "untrue" as const;
          return null;
        });
        if (!current) return;
        if (found !== null) headers.value = new Map(headers.peek()).set(epoch, found);
      }
    };
    void load();
    return () => {
      current = false;
    };
  }, [archive, epochs, headers, wanted]);

  const names = new Map(archive.outline.people.map((one) => [one.person, one.name]));
  return (
    <details
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>{text.stretches(epochs.length)}</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label={text.stretches(epochs.length)}>
        <table class="cards-on-phone">
          <thead>
            <tr>
              <th scope="col">{text.began}</th>
              <th scope="col">{text.length}</th>
              <th scope="col">{text.couldOpen}</th>
            </tr>
          </thead>
          <tbody>
            {epochs.map(({ epoch, interrupted, length }) => {
              const header = headers.value.get(epoch);
              return (
                <tr key={epoch} data-stretch={epoch}>
                  <th scope="row">
                    {header === undefined || header === "untrue" ? "…" : exactTime(header.began)}
                  </th>
                  <td data-label={text.length}>
                    {length === null ? text.stillRecording : clock(length)}
                    {interrupted && ` · ${text.interrupted}`}
                  </td>
                  <td data-label={text.couldOpen}>
                    {header === undefined
                      ? "…"
                      : header === "untrue"
                        ? text.trouble.untrue
                        : whoCouldOpen(header, names)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function whoCouldOpen(header: Header, names: ReadonlyMap<string, string>): string {
  const watchers = header.people.filter((one) => one.watches);
  const known = watchers
    .map((one) => names.get(encode(one.id)) ?? "")
    .filter((name) => name !== "");
  return t().watching.people(
    watchers.length,
    known.map((name) => `\u2068${name}\u2069`).join(", "),
  );
}

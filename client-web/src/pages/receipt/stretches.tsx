// Each stretch of the recording, and how many could open it: from headers that were checked here.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import type { Outline } from "../../api/types";
import { encode } from "../../crypto/bytes";
import { watchersOf } from "../../e2ee/generation-header";
import type { RecordedHeader } from "../../e2ee/recorded-header";
import { t } from "../../i18n";
import { exactTime } from "../../i18n/format";
import type { Archive } from "../../watching/archive";
import { clock } from "./time";

interface Props {
  readonly archive: Archive;
  readonly generations: Outline["generations"];
}

export function Stretches({ archive, generations }: Props): VNode {
  const headers = useSignal<ReadonlyMap<number, RecordedHeader | "untrue">>(new Map());
  const open = useSignal(false);
  const text = t().watching;
  const wanted = open.value ? generations.length : 0;

  useEffect(() => {
    let current = true;
    const load = async (): Promise<void> => {
      for (const { number } of generations.slice(0, wanted)) {
        if (headers.peek().has(number)) continue;
        const found = await archive.header(number).catch((error: unknown) => {
          if ((error as Error).name === "FormatError") return "untrue" as const;
          return null;
        });
        if (!current) return;
        if (found !== null) headers.value = new Map(headers.peek()).set(number, found);
      }
    };
    void load();
    return () => {
      current = false;
    };
  }, [archive, generations, headers, wanted]);

  const names = new Map(archive.outline.people.map((one) => [one.person, one.name]));
  return (
    <details
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>{text.stretches(generations.length)}</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label={text.stretches(generations.length)}>
        <table class="cards-on-phone">
          <thead>
            <tr>
              <th scope="col">{text.began}</th>
              <th scope="col">{text.length}</th>
              <th scope="col">{text.couldOpen}</th>
            </tr>
          </thead>
          <tbody>
            {generations.map(({ interrupted, length, number }) => {
              const header = headers.value.get(number);
              return (
                <tr key={number} data-stretch={number}>
                  <th scope="row">
                    {header === undefined || header === "untrue" ? "…" : exactTime(header.at)}
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

function whoCouldOpen(header: RecordedHeader, names: ReadonlyMap<string, string>): string {
  const watchers = watchersOf(header);
  const known = watchers
    .map((one) => names.get(encode(one.id)) ?? "")
    .filter((name) => name !== "");
  return t().watching.people(
    watchers.length,
    known.map((name) => `\u2068${name}\u2069`).join(", "),
  );
}

// /verify: anybody can check anybody's receipt here. The file is read by this page and goes nowhere.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback } from "preact/hooks";

import { type Bytes, encode, equal, tryDecode } from "../crypto/bytes";
import { SIGN_PUBLIC_BYTES } from "../crypto/suite";
import { t } from "../i18n";
import { exactTime, isolated } from "../i18n/format";
import type { Pins, Receipt, Verdict } from "../proof/check";
import { consentRecord } from "../proof/consent-record";
import type { LoggedRecord } from "../proof/course";
import { MAX_RECEIPT_BYTES } from "../proof/receipt-file";
import { Failure } from "../ui/failure";
import { Field } from "../ui/field";
import { Shell } from "../ui/shell";
import { saveRecord } from "./receipt/fetch-receipt";
import { ProofList } from "./receipt/proof-list";

interface Chosen {
  readonly name: string;
  readonly body: Bytes;
  readonly pins: Pins;
}

export function VerifyPage(): VNode {
  const server = useSignal("");
  const vault = useSignal("");
  const chosen = useSignal<Chosen | null>(null);
  const trouble = useSignal<string | null>(null);
  const verdict = useSignal<Verdict | null>(null);
  const text = t().proof;
  const wrong = { server: isWrong(server.value), vault: isWrong(vault.value) };
  const take = useCallback(
    (found: Verdict) => {
      verdict.value = found;
    },
    [verdict],
  );

  const open = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    trouble.value = verdict.value = chosen.value = null;
    if (wrong.server || wrong.vault) {
      trouble.value = text.verify.badKey;
      return;
    }
    try {
      // No more of it than a receipt can be, and a byte to tell.
      const body = new Uint8Array(await file.slice(0, MAX_RECEIPT_BYTES + 1).arrayBuffer());
      const pins = { server: readKey(server.value), vault: readKey(vault.value) };
      chosen.value = { name: file.name, body, pins };
    } catch {
      trouble.value = text.verify.unreadable;
    }
  };

  const receipt = verdict.value?.receipt ?? null;
  return (
    <Shell title={text.verify.title}>
      <div class="receipt stack">
        <header>
          <h1>{text.verify.title}</h1>
          <p class="lead">{text.verify.lead}</p>
        </header>
        <section class="card stack" aria-label={text.verify.choose}>
          <Drop onFile={open} />
          <details>
            <summary>{text.verify.pins}</summary>
            <div class="stack">
              <p class="hint">{text.verify.pinsHint}</p>
              <Field
                label={t().receipt.server}
                value={server}
                error={wrong.server ? text.verify.badKey : null}
              />
              <Field
                label={t().receipt.vault}
                value={vault}
                error={wrong.vault ? text.verify.badKey : null}
              />
            </div>
          </details>
          {trouble.value !== null && <Failure>{trouble.value}</Failure>}
        </section>
        {chosen.value !== null && (
          <section class="card stack" aria-labelledby="proof">
            <h2 id="proof">
              <bdi>{chosen.value.name}</bdi>
            </h2>
            <ProofList
              body={chosen.value.body}
              pins={chosen.value.pins}
              known="given"
              onVerdict={take}
            />
            {receipt !== null && (
              <p>
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    saveRecord(receipt.charter.meeting, consentRecord(receipt));
                  }}
                >
                  {text.saveRecord}
                </button>
              </p>
            )}
          </section>
        )}
        {receipt !== null && <Story receipt={receipt} />}
      </div>
    </Shell>
  );
}

function Drop({ onFile }: { readonly onFile: (file: File | undefined) => Promise<void> }): VNode {
  const over = useSignal(false);
  const text = t().proof.verify;
  return (
    <label
      class={`drop ${over.value ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        void onFile(event.dataTransfer?.files[0]);
      }}
    >
      <strong>{text.choose}</strong>
      <span class="hint">{text.drop}</span>
      <input
        type="file"
        accept=".json,application/json"
        onChange={(event) => {
          const input = event.currentTarget;
          void onFile(input.files?.[0]).then(() => {
            input.value = ""; // so that the same file can be chosen again
          });
        }}
      />
    </label>
  );
}

function Story({ receipt }: { readonly receipt: Receipt }): VNode {
  const text = t().proof;
  const rows = [...receipt.records].sort((left, right) => left.index - right.index);
  return (
    <section class="card stack" aria-labelledby="story">
      <h2 id="story">{text.story}</h2>
      <p class="hint">{text.storyHint(receipt.log.origin, receipt.head.size)}</p>
      <ol class="story">
        {rows.map((logged) => (
          <li key={logged.index}>
            <span class="hint">{exactTime(logged.record.at)}</span> {event(logged, receipt)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function event({ record }: LoggedRecord, receipt: Receipt): string {
  const text = t().proof.events;
  const will = t().consent.will;
  switch (record.kind) {
    case "notice":
      return text.notice(record.version);
    case "answered": {
      const answer = receipt.answers[record.sequence - 1];
      if (answer === undefined) throw new Error("a receipt that holds has every answer");
      return text.answered(record.sequence, will[answer.recording], will[answer.training]);
    }
    case "withdrawn":
      return receipt.records.some(
        (one) => one.record.kind === "revoked" && equal(one.digest, record.answer),
      )
        ? text.carriedOut
        : text.withdrawn(record.sequence);
    case "revoked":
      return text.revoked[record.purpose](t().common.actors[record.by]);
    case "generation-opened":
      return text.opened(record.number);
    case "generation-closed":
      return text.closed(record.number);
    case "slot-lost":
      return text.lost(record.slots.reduce((all, [first, last]) => all + last - first + 1, 0) * 2);
    case "ended":
      return text.ended;
    case "erased":
      return record.person === null ? text.erasedAll : text.erased;
    case "released":
      return text.released(exactTime(record.readyAt));
    case "exported": {
      const { exportId, purpose, recipient } = record;
      const given =
        recipient === null && purpose === null
          ? ""
          : `${t().receipt.dataSet.givenTo(isolated(recipient), isolated(purpose))} `;
      return `${text.exported} ${given}${t().watching.dataSet}: ${encode(exportId)}`;
    }
    case "meeting":
    case "enrolled":
    case "admitted":
    case "host":
    case "armed":
    case "removed":
    case "adopted":
    case "destroyed":
      return text[record.kind];
  }
}

/** A key as people have it: 64 hexadecimal digits, with or without spaces, or base64url. */
function readKey(typed: string): Bytes | null {
  const digits = typed.replace(/[\s:]/g, "");
  if (/^[0-9a-f]{64}$/i.test(digits)) {
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  return tryDecode(typed.trim(), SIGN_PUBLIC_BYTES);
}

function isWrong(typed: string): boolean {
  return typed.trim() !== "" && readKey(typed) === null;
}

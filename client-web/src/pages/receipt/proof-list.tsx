// A receipt checked in front of one's eyes: each check fills in as it is made, with one plain sentence,
// and what does not hold is loud.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import type { Bytes } from "../../crypto/bytes";
import { t } from "../../i18n";
import { fingerprint } from "../../i18n/format";
import { type Check, CHECKS, checkReceipt, type Pins, type Verdict } from "../../proof/check";
import { Failure } from "../../ui/failure";
import { Check as Tick, Warning } from "../../ui/icons";
import { announce } from "../../ui/live";

// Long enough to see each come, short enough not to wait for them.
const BETWEEN_MS = 70;

/** Where the pins come from: typed in by the person, or remembered from when they entered. */
type Known = "given" | "remembered";

interface Props {
  readonly body: Bytes;
  readonly pins: Pins;
  readonly known: Known;
  readonly onVerdict: (verdict: Verdict) => void;
}

export function ProofList({ body, known, onVerdict, pins }: Props): VNode {
  const made = useSignal<readonly Check[]>([]);
  const verdict = useSignal<Verdict | null>(null);
  useEffect(() => {
    let current = true;
    made.value = [];
    verdict.value = null;
    const told = async (check: Check): Promise<void> => {
      if (!current) return;
      made.value = [...made.value, check];
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) await pause(BETWEEN_MS);
    };
    void checkReceipt(body, pins, told).then((found) => {
      if (!current) return;
      verdict.value = found;
      // What fails speaks for itself: it is an alert.
      if (found.holds) announce(t().proof.holds);
      onVerdict(found);
    });
    return () => {
      current = false;
    };
  }, [body, made, onVerdict, pins, verdict]);

  return (
    <div class="stack" data-verdict={verdictOf(verdict.value)}>
      <ol class="checks">
        {CHECKS.map((name) => (
          <Line
            key={name}
            name={name}
            check={made.value.find((one) => one.name === name) ?? null}
            known={known}
          />
        ))}
      </ol>
      {verdict.value !== null && <Outcome verdict={verdict.value} />}
      {verdict.value !== null && <Keys verdict={verdict.value} />}
    </div>
  );
}

function verdictOf(verdict: Verdict | null): string {
  if (verdict === null) return "checking";
  return verdict.holds ? "holds" : "fails";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

interface LineProps {
  readonly name: Check["name"];
  readonly check: Check | null;
  readonly known: Known;
}

function Line({ check, known, name }: LineProps): VNode {
  const text = t().proof;
  const state = check?.state ?? "waiting";
  return (
    <li data-check={name} data-state={state} data-code={check?.code ?? undefined}>
      <span class="mark">
        {(state === "holds" || state === "own-word") && <Tick />}
        {state === "fails" && <Warning />}
        <span class="unseen">{text.states[state]}</span>
      </span>
      <div>
        <strong>{text.checks[name].title}</strong>
        <p>{check === null ? "…" : sentence(check, known)}</p>
      </div>
    </li>
  );
}

function sentence(check: Check, known: Known): string {
  const text = t().proof;
  if (check.code !== null) return text.failures[check.code];
  if (check.state === "not-made") return text.notMade;
  if (check.name !== "server" && check.name !== "vault") return text.checks[check.name].holds;
  return text.keys[check.name][check.state === "own-word" ? "ownWord" : known];
}

function Outcome({ verdict }: { readonly verdict: Verdict }): VNode {
  const text = t().proof;
  if (!verdict.holds) {
    return (
      <Failure>
        <strong>{text.failed}</strong> {text.failedWhat}
      </Failure>
    );
  }
  const ownWord = verdict.checks.some(({ state }) => state === "own-word");
  return (
    <p class="checked">
      <Tick />
      <span>
        <strong>{text.holds}</strong> {ownWord ? text.ownWord : text.holdsWhat}
      </span>
    </p>
  );
}

function Keys({ verdict }: { readonly verdict: Verdict }): VNode | null {
  const { charter, receipt } = verdict;
  if (charter === null) return null;
  const text = t().receipt;
  const rows: [string, Bytes][] = [
    [text.server, charter.server],
    [text.vault, charter.vault],
    [text.charter, charter.digest],
  ];
  if (receipt !== null) {
    const { build, person } = receipt.enrolment;
    rows.push([text.person, person], [text.build, build]);
  }
  return (
    <dl class="keys">
      {rows.map(([name, bytes]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="ltr">{fingerprint(bytes)}</dd>
        </div>
      ))}
    </dl>
  );
}

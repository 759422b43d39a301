// What this browser has kept of the log and of what the server has signed, held against what is shown
// now: said in words, with the evidence to save where it does not agree.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useEffect } from "preact/hooks";

import { api } from "../../api/http";
import type { SignedDocument } from "../../api/types";
import { meansHere, rememberedHere, rememberedId } from "../../consent/remembering";
import type { Bytes } from "../../crypto/bytes";
import type { PersonKeys } from "../../crypto/keys";
import { t } from "../../i18n";
import { dateTime, exactTime } from "../../i18n/format";
import { evidenceOf, factsOf } from "../../proof/agreement";
import type { Receipt } from "../../proof/check";
import { type Heads, type Means, type Visit, visit, visitWithout } from "../../proof/visit";
import { oneAtATime } from "../../store/lock";
import type { KeptDisagreement } from "../../store/remembered";
import { AskedButton } from "../../ui/asked";
import { Failure } from "../../ui/failure";
import { Check, Warning } from "../../ui/icons";
import { saveEvidence } from "./fetch-receipt";

interface Props {
  readonly keys: PersonKeys;
  /** The server's key, of the charter. */
  readonly server: Bytes;
  /** Null where the receipt that was shown does not hold. */
  readonly receipt: Receipt | null;
}

/** Of somebody whose receipt was shown. */
export function Agreement({ keys, receipt, server }: Props): VNode {
  const compare = useCallback(
    (log: SignedDocument, means: Means) =>
      visit({ id: rememberedId(keys), server, receipt }, log, means),
    [keys, receipt, server],
  );
  return <Compared keys={keys} compare={compare} />;
}

/** Of somebody whom the server shows nothing; `denied`: it says that it does not know them. */
export function AgreementWithout({
  denied,
  keys,
}: {
  readonly denied: boolean;
  readonly keys: PersonKeys;
}): VNode {
  const compare = useCallback(
    (log: SignedDocument, means: Means) => visitWithout(rememberedId(keys), denied, log, means),
    [denied, keys],
  );
  return <Compared keys={keys} compare={compare} />;
}

interface ComparedProps {
  readonly keys: PersonKeys;
  readonly compare: (log: SignedDocument, means: Means) => Promise<Visit | null>;
}

interface Found {
  readonly visit: Visit;
  /** Whether this browser keeps anything longer than the page. */
  readonly lasting: boolean;
}

function Compared({ compare, keys }: ComparedProps): VNode | null {
  const found = useSignal<Found | "comparing" | "nothing" | "forgotten">("comparing");
  useEffect(() => {
    let current = true;
    found.value = "comparing";
    void oneAtATime("log", async () => {
      const means = await meansHere();
      const { log } = await api.info();
      const made = await compare(log, means);
      if (!current) return;
      const { lasting } = means.store;
      found.value = made === null ? "nothing" : { visit: made, lasting };
    });
    return () => {
      current = false;
    };
  }, [compare, found]);

  const text = t().proof.agreement;
  const { value } = found;
  if (value === "nothing") return null;
  const forget = async (server: string): Promise<void> => {
    await (await rememberedHere()).forget(rememberedId(keys), server);
    found.value = "forgotten";
  };
  return (
    <section class="stack" aria-labelledby="agreement" data-agreement={stateOf(value)}>
      <h3 id="agreement">{text.title}</h3>
      {value === "comparing" && <p role="status">{text.comparing}</p>}
      {value === "forgotten" && <p role="status">{text.forgotten}</p>}
      {typeof value === "object" && (
        <>
          <Outcome {...value.visit} />
          {!value.lasting && <p class="hint">{text.notLasting}</p>}
          <div class="row">
            {value.visit.disagreements.length > 0 && (
              <button
                type="button"
                class="button"
                onClick={() => {
                  const { disagreements } = value.visit;
                  saveEvidence(keys.meeting, evidenceOf(value.visit.server, disagreements));
                }}
              >
                {text.save}
              </button>
            )}
            {value.lasting && (
              <AskedButton
                text={text.forget}
                look="button small"
                onAct={() => void forget(value.visit.server)}
              >
                {text.forgetWhat}
              </AskedButton>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function stateOf(value: Found | "comparing" | "nothing" | "forgotten"): string {
  if (typeof value === "string") return value;
  const { disagreements, heads } = value.visit;
  return disagreements.length > 0 ? "disagrees" : heads.at;
}

function Outcome({ acknowledged, disagreements, heads }: Visit): VNode {
  const text = t().proof.agreement;
  const said = (
    <>
      {sentence(heads)}{" "}
      {acknowledged === null
        ? disagreements.length === 0 && text.notLookedAt
        : acknowledged > 0 && text.acknowledged(acknowledged)}
    </>
  );
  if (disagreements.length > 0) {
    return (
      <>
        <Failure>
          <p>
            <strong>{text.disagrees}</strong> {text.disagreesWhat}
          </p>
          <ul>
            {disagreements.map((one) => (
              <li key={`${one.code} ${String(one.sequence)}`} data-code={one.code}>
                {what(one)} <span class="hint">{text.found(exactTime(one.at))}</span>
              </li>
            ))}
          </ul>
        </Failure>
        {heads.at !== "disagrees" && <p>{said}</p>}
        <p class="hint">{text.saveWhat}</p>
      </>
    );
  }
  if (heads.at === "agrees") {
    return (
      <p class="checked" role="status">
        <Check />
        <span>{said}</span>
      </p>
    );
  }
  return (
    <p class={heads.at === "first" ? "" : "banner note"} role="status">
      {heads.at !== "first" && <Warning />} <span>{said}</span>
    </p>
  );
}

function sentence(heads: Heads): string {
  const text = t().proof.agreement;
  switch (heads.at) {
    case "first":
      return text.first(heads.size);
    case "agrees":
      return heads.from === heads.size
        ? text.same(dateTime(heads.since), heads.size)
        : text.grown(dateTime(heads.since), heads.from, heads.size);
    case "not-compared":
      return text.notCompared[heads.why];
    case "disagrees":
      return text.disagrees;
  }
}

/** One disagreement, in words. */
function what(one: KeptDisagreement): string {
  const text = t().proof.agreement.codes;
  const { places, sizes } = factsOf(one);
  const { enrolment, numbered } = t().proof.agreement;
  const said = one.sequence === null || one.sequence === 0 ? enrolment : numbered(one.sequence);
  switch (one.code) {
    case "other-log":
      return text.otherLog;
    case "smaller":
      return text.smaller(sizes?.from ?? 0, sizes?.size ?? 0);
    case "split-view":
      return text.splitView(sizes?.size ?? 0);
    case "not-grown": {
      const { from, size } = sizes ?? { from: 0, size: 0 };
      return size < from ? text.notOlder(from, size) : text.notGrown(from, size);
    }
    case "missing":
      return text.missing(said, places?.signed ?? 0);
    case "other-index":
      return text.otherIndex(said, places?.signed ?? 0, places?.now ?? 0);
  }
}

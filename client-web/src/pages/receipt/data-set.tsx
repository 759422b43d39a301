// The data sets that the meeting is in: to whom each was given and for what, and what became of it since.
// What was checked here is told apart from what the server alone says.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import type { Record } from "../../api/types";
import type { Charter } from "../../crypto/charter";
import { t } from "../../i18n";
import { dateTime, exactTime, isolated } from "../../i18n/format";
import type { Receipt } from "../../proof/check";
import { Failure } from "../../ui/failure";
import { Check } from "../../ui/icons";
import { type DataSetFacts, factsOf } from "./data-set-facts";

interface Props {
  readonly exported: Record["exported"];
  readonly charter: Charter;
  /** What was checked of the person's receipt; null where none holds (yet). */
  readonly receipt: Receipt | null;
  /** Whether this person took something back, or somebody did for them. */
  readonly takenBack: boolean;
}

export function DataSets({ charter, exported, receipt, takenBack }: Props): VNode {
  const facts = useSignal<readonly DataSetFacts[]>([]);
  const said = JSON.stringify(exported);
  useEffect(() => {
    let current = true;
    void factsOf(exported, charter, receipt).then((found) => {
      if (current) facts.value = found;
    });
    return () => {
      current = false;
    };
    // What the server says is another object at each visit: it is new where it says something else.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [charter, facts, receipt, said]);
  return (
    <>
      {facts.value.map((found) => (
        <DataSet key={found.dataSet} found={found} takenBack={takenBack} />
      ))}
    </>
  );
}

function DataSet({
  found,
  takenBack,
}: {
  readonly found: DataSetFacts;
  readonly takenBack: boolean;
}): VNode {
  const text = t().receipt.dataSet;
  const more = t().watching;
  const id = `data-set-${found.dataSet}`;
  return (
    <section
      class="stack"
      aria-labelledby={id}
      data-data-set={found.dataSet}
      data-basis={found.basis}
    >
      <h3 id={id}>{text.title}</h3>
      {found.basis === "differs" && <Failure>{text.differs}</Failure>}
      <p dir="auto" data-given>
        <strong>{given(found)}</strong>
      </p>
      <dl class="facts">
        <div>
          <dt>{more.exportedAt}</dt>
          <dd>{exactTime(found.at)}</dd>
        </div>
        <div>
          <dt>{more.dataSet}</dt>
          <dd dir="ltr">{found.dataSet}</dd>
        </div>
        {found.manifest !== null && (
          <div>
            <dt>{more.manifest}</dt>
            <dd dir="ltr">{found.manifest}</dd>
          </div>
        )}
      </dl>
      {found.basis === "server" ? (
        <p class="hint">{text.fromServer}</p>
      ) : (
        <Checked>{text.fromLog}</Checked>
      )}
      <RecallPart facts={found} takenBack={takenBack} />
    </section>
  );
}

function RecallPart({
  facts: { fetched, recall },
  takenBack,
}: {
  readonly facts: DataSetFacts;
  readonly takenBack: boolean;
}): VNode | null {
  const text = t().receipt.dataSet;
  if (recall === "untrue") return <Failure>{text.recallUntrue}</Failure>;
  if (recall === "unchecked") {
    return (
      <>
        <h3>{text.recall}</h3>
        <p class="hint">{text.fromServer}</p>
      </>
    );
  }
  if (recall === null) {
    return takenBack ? <p data-recall="awaited">{text.recallAwaited}</p> : null;
  }
  return (
    <>
      <h3>{text.recall}</h3>
      <p data-recall={recall.reason}>
        {text.recalled(exactTime(recall.at))} {text.reasons[recall.reason]}
      </p>
      <Checked>{text.recallSigned}</Checked>
      <p class="hint" data-fetched={fetched === null ? "no" : "yes"}>
        {fetched === null
          ? text.notFetched
          : text.fetched(dateTime(fetched.first_at), dateTime(fetched.last_at))}
      </p>
    </>
  );
}

function Checked({ children }: { readonly children: string }): VNode {
  return (
    <p class="checked">
      <Check />
      <span>{children}</span>
    </p>
  );
}

function given({ before, purpose, recipient }: DataSetFacts): string {
  const text = t().receipt.dataSet;
  if (recipient === null && purpose === null) return before ? text.before : text.nobodySaid;
  return text.givenTo(isolated(recipient), isolated(purpose));
}

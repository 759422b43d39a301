// The receipt as a file, on the receipt page: fetched, checked in front of one's eyes, and to keep.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useEffect } from "preact/hooks";

import { type Bytes, decode } from "../../crypto/bytes";
import { parseCharter } from "../../crypto/charter";
import { CryptoError } from "../../crypto/errors";
import type { PersonKeys } from "../../crypto/keys";
import { t } from "../../i18n";
import type { Pins, Receipt, Verdict } from "../../proof/check";
import { consentRecord } from "../../proof/consent-record";
import { openSeats } from "../../store/seats";
import { Failure, textOf } from "../../ui/failure";
import { Agreement } from "./agreement";
import { fetchReceiptFile, saveReceipt, saveRecord } from "./fetch-receipt";
import { ProofList } from "./proof-list";

interface Props {
  readonly keys: PersonKeys;
  /** The server's key, of the charter. */
  readonly server: Bytes;
  readonly meeting: string;
  /** How many answers there are: with each more, there is another receipt. */
  readonly answered: number;
  /** The data set that the meeting is in: the log has a record of it, and so has another receipt. */
  readonly dataSet: string | null;
  /** Told of each receipt that holds, and null of one that does not. */
  readonly onReceipt: (receipt: Receipt | null) => void;
}

interface Fetched {
  readonly body: Bytes;
  readonly pins: Pins;
}

export function ProofCard(props: Props): VNode {
  const { answered, dataSet, keys, meeting, onReceipt, server } = props;
  const fetched = useSignal<Fetched | null>(null);
  const trouble = useSignal<string | null>(null);
  const verdict = useSignal<Verdict | null>(null);
  const fetchIt = useCallback((): void => {
    trouble.value = null;
    Promise.all([fetchReceiptFile(keys), remembered(meeting)]).then(
      ([body, pins]) => {
        fetched.value = { body, pins };
      },
      (error: unknown) => {
        trouble.value = textOf(error);
      },
    );
  }, [fetched, keys, meeting, trouble]);
  useEffect(fetchIt, [fetchIt, answered, dataSet]);
  const take = useCallback(
    (found: Verdict) => {
      verdict.value = found;
      onReceipt(found.receipt);
    },
    [onReceipt, verdict],
  );

  const text = t().proof;
  const receipt = verdict.value?.receipt ?? null;
  return (
    <section class="card stack" aria-labelledby="proof">
      <h2 id="proof">{text.title}</h2>
      <p>{text.lead}</p>
      {trouble.value !== null && (
        <>
          <Failure>{trouble.value}</Failure>
          <p>
            <button type="button" class="button" onClick={fetchIt}>
              {t().common.again}
            </button>
          </p>
        </>
      )}
      {fetched.value !== null && (
        <ProofList {...fetched.value} known="remembered" onVerdict={take} />
      )}
      {verdict.value !== null && <Agreement keys={keys} server={server} receipt={receipt} />}
      {fetched.value !== null && (
        <div class="row">
          <button
            type="button"
            class="button"
            onClick={() => {
              if (fetched.value !== null) saveReceipt(keys.meeting, fetched.value.body);
            }}
          >
            {text.saveReceipt}
          </button>
          {receipt !== null && (
            <button
              type="button"
              class="button"
              onClick={() => {
                saveRecord(keys.meeting, consentRecord(receipt));
              }}
            >
              {text.saveRecord}
            </button>
          )}
        </div>
      )}
      <p class="hint">
        {text.saveWhy} <a href="/verify">{text.elsewhere}</a>
      </p>
    </section>
  );
}

/** The keys that this browser met when its person entered, where it still knows them. */
async function remembered(meeting: string): Promise<Pins> {
  const seat = await (await openSeats()).find(meeting);
  if (seat === null) return { server: null, vault: null };
  try {
    const { server, vault } = await parseCharter(decode(seat.charter));
    return { server, vault };
  } catch (error) {
    if (error instanceof CryptoError) return { server: null, vault: null };
    throw error;
  }
}

// Other keys of the same meeting that this browser has: of somebody who came to it more than once.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { type Bytes, equal } from "../../crypto/bytes";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { receiptLink } from "../../meeting/identity";
import { openSeats, type StoredSeat } from "../../store/seats";

interface Props {
  readonly meeting: string;
  readonly seed: Bytes;
}

export function FormerKeys({ meeting, seed }: Props): VNode | null {
  const others = useSignal<readonly StoredSeat[]>([]);
  useEffect(() => {
    void openSeats().then(async (store) => {
      const all = [await store.find(meeting), ...(await store.former(meeting))];
      const seats = all.filter((seat) => seat !== null);
      others.value = seats.filter(({ seed: other }) => other !== null && !equal(other, seed));
    });
  }, [meeting, others, seed]);
  if (others.value.length === 0) return null;
  const text = t().receipt;
  return (
    <section class="card stack" aria-labelledby="former-keys">
      <h2 id="former-keys">{text.formerKeys}</h2>
      <p>{text.formerKeysWhat}</p>
      <ul class="list">
        {others.value.map(({ name, savedAt, seed: other }) =>
          other === null ? null : (
            <li class="list-row" key={savedAt}>
              <a href={receiptLink(meeting, other)} target="_blank" rel="noreferrer">
                <bdi>{name}</bdi> · {dateTime(savedAt)}
              </a>
            </li>
          ),
        )}
      </ul>
    </section>
  );
}

// Sends signed answers until the server says what became of them, whatever happens in between.
//
// A refusal is either about the answer itself, and then sending it again is of no use; or it passes:
// the server is away, its disk is full, something went wrong. Then the same bytes are sent again, at
// longer and longer intervals, for as long as the page is there; and by whatever page of ours is
// opened next. Anything that is not known to be final passes, for an answer is never to be lost.

import { type ReadonlySignal, signal } from "@preact/signals";

import { type Code, Refused } from "../api/errors";
import { Backoff } from "../signalling/backoff";
import { openUnsent, type Unsent, type UnsentStore } from "../store/unsent";

/** Refusals that say what is wrong with the answer, or that there is nobody it could be of. */
const FINAL: ReadonlySet<Code> = new Set<Code>([
  "bad-request",
  "too-large",
  "bad-statement",
  "bad-signature",
  "stale-statement",
  "notice-not-in-force",
  "not-enrolled",
  "meeting-not-found",
  "receipt-erased",
  "bad-origin",
]);

/** The longest pause between two tries, in milliseconds, while the server takes no answers. */
const MOST_MS = 15_000;

/** Whether the same bytes may well be taken later. */
export function passes(refusal: Refused): boolean {
  return !FINAL.has(refusal.code);
}

const waiting = signal<ReadonlySet<string>>(new Set());

/** The answers that were tried and not taken, by their ids: people are told as long as there are. */
export const notTaken: ReadonlySignal<ReadonlySet<string>> = waiting;

function tell(id: string, isWaiting: boolean): void {
  if (waiting.peek().has(id) === isWaiting) return;
  const next = new Set(waiting.peek());
  if (isWaiting) next.add(id);
  else next.delete(id);
  waiting.value = next;
}

/** Deliver until it is taken; rejects with a refusal that is final. `onDelay`: it was not, yet. */
export async function sendUntilTaken(
  id: string,
  deliver: () => Promise<void>,
  onDelay: () => void = () => undefined,
): Promise<void> {
  const soon = new Backoff();
  const later = new Backoff(Math.random, MOST_MS);
  try {
    for (;;) {
      try {
        await deliver();
        return;
      } catch (error) {
        if (!(error instanceof Refused) || !passes(error)) throw error;
        onDelay();
        // A connection that was lost is soon another one, and is no burden to a server.
        const away = error.code === "unreachable";
        const least = (error.retryAfter ?? 0) * 1000;
        if (!away) tell(id, true);
        await pause(Math.max(least, (away ? soon : later).next()));
      }
    }
  } finally {
    tell(id, false);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The store of this browser, opened once. */
let opened: Promise<UnsentStore> | null = null;

export function unsentAnswers(): Promise<UnsentStore> {
  opened ??= openUnsent();
  return opened;
}

/**
 * Send everything that an earlier page has left; for the start of any page. What does not follow
 * any more is kept for the page that has the keys to say it anew.
 */
export async function sendLeft(
  store: UnsentStore,
  deliver: (one: Unsent) => Promise<void>,
): Promise<void> {
  await Promise.all(
    (await store.all()).map(async (one) => {
      try {
        await sendUntilTaken(one.id, () => deliver(one));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === "stale-statement") return;
      }
      await store.drop(one);
    }),
  );
}

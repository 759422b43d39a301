// Keeps what the server has signed for what a person said, and holds the log to it: with this browser's
// own store, clock and way to the server.

import { api } from "../api/http";
import type { Record, SignedDocument } from "../api/types";
import { type Bytes, decode, encode } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import type { PersonKeys } from "../crypto/keys";
import { verifyAcknowledgement } from "../proof/log-document";
import type { Means } from "../proof/visit";
import { openRemembered, type Remembered } from "../store/remembered";

/** Longer than any cache may hold an older head: the log's own answers say two seconds. */
const SETTLE_MS = 4000;

/** The store of this browser, opened once. */
let opened: Promise<Remembered> | null = null;

export function rememberedHere(): Promise<Remembered> {
  opened ??= openRemembered();
  return opened;
}

/** The one spelling of who somebody is, here. */
export function rememberedId({ meeting, person }: Pick<PersonKeys, "meeting" | "person">): string {
  return `${encode(meeting)}/${encode(person)}`;
}

export async function meansHere(): Promise<Means> {
  return {
    store: await rememberedHere(),
    checkpoint: api.checkpoint,
    tile: api.tile,
    now: Date.now,
    settle: () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS)),
  };
}

/** What the server has signed for an answer, in the record that it gives in return. */
export function acknowledgedIn(record: Record, document: string): SignedDocument | null {
  return record.answers.find((one) => one.document === document)?.acknowledgement ?? null;
}

interface Said {
  readonly keys: PersonKeys;
  /** The server's key, of the charter. */
  readonly server: Bytes;
  readonly statement: Bytes;
  /** The number of the answer, 0 for the enrolment. */
  readonly sequence: number;
}

/**
 * Keep an acknowledgement that is one: signed by the server of the charter, for this statement of this
 * person. Tells whether it was. An answer is no less said where it is not, or cannot be kept.
 */
export async function keepAcknowledgement(
  { keys, sequence, server, statement }: Said,
  signed: SignedDocument,
  store: Promise<Remembered> = rememberedHere(),
  now: number = Date.now(),
): Promise<boolean> {
  try {
    const found = await verifyAcknowledgement(
      { document: decode(signed.document), signature: decode(signed.signature) },
      server,
    );
    const mine =
      found.meeting === encode(keys.meeting) &&
      found.person === encode(keys.person) &&
      found.statement === encode(statement);
    if (!mine) return false;
    const { document, signature } = signed;
    const kept = { document, signature, sequence };
    await (await store).acknowledge(rememberedId(keys), encode(server), [kept], now);
    return true;
  } catch (error) {
    if (error instanceof CryptoError || isOfTheStore(error)) return false;
    throw error;
  }
}

function isOfTheStore(error: unknown): boolean {
  return error instanceof DOMException;
}

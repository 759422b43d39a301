// Identity: who this person is in one meeting. Their seat, and the keys, the enrolment and the answers
// that hang on its seed; what is missing is drawn and signed, and kept before anybody is told of it.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

import { serverNow } from "../api/clock";
import { Refused } from "../api/errors";
import { api } from "../api/http";
import type { Record, SignedDocument } from "../api/types";
import { Answers, type Means } from "../consent/answers";
import { keepAcknowledgement } from "../consent/remembering";
import { unsentAnswers } from "../consent/sending";
import { type Bytes, decode, encode, tryDecode } from "../crypto/bytes";
import { deriveKeys, type PersonKeys } from "../crypto/keys";
import { broughtKeyOf, broughtMac, parseFragment } from "../crypto/link-secret";
import { type CheckedRecord, fetchRecord } from "../crypto/record";
import { makeEnrolment, type ShownNotice, verifyEnrolment } from "../crypto/statement";
import { digest, nameDigest, random, SEED_BYTES } from "../crypto/suite";
import type { Enrol } from "../signalling/messages";
import { oneAtATime } from "../store/lock";
import { type SeatStore, type StoredSeat, unsigned } from "../store/seats";
import { type Entrance, seatLock } from "./entrance";

const SALT_BYTES = 32;

/** What an identity asks of whoever has it. */
export interface Owner {
  /** Hand a signed answer to the server; see Means. */
  readonly deliver: Means["deliver"];
  /** The keys are there, and the answers with them: once, before anything is sent with them. */
  readonly onReady: (answers: Answers) => void;
}

export class Identity {
  /** The person's answers; null before the person has enrolled. */
  readonly answers: ReadonlySignal<Answers | null>;
  /** Whether the server knows the person from before. */
  readonly known: ReadonlySignal<boolean>;
  /** Whether the person has been shown their personal link and has taken note of it. */
  readonly linkSeen: Signal<boolean>;

  readonly #answers = signal<Answers | null>(null);
  readonly #known = signal(false);
  readonly #entrance: Entrance;
  readonly #store: SeatStore;
  readonly #owner: Owner;
  #seat: StoredSeat;

  constructor(entrance: Entrance, store: SeatStore, owner: Owner) {
    this.answers = this.#answers;
    this.known = this.#known;
    this.linkSeen = signal(entrance.seat.enrolment !== null);
    this.#entrance = entrance;
    this.#store = store;
    this.#owner = owner;
    this.#seat = entrance.seat;
  }

  get seat(): StoredSeat {
    return this.#seat;
  }

  /** Whether this browser keeps keys longer than a page. */
  get keepsKeys(): boolean {
    return this.#store.lasting;
  }

  /** Whether the person's key outlives this page: in the browser's store, or in their own hands. */
  get keyKept(): boolean {
    return this.#store.lasting || this.linkSeen.peek();
  }

  /** The personal link, once there is a seed. */
  get receiptLink(): string | null {
    const { meeting, seed } = this.#seat;
    return seed === null ? null : receiptLink(meeting, seed);
  }

  /**
   * Make ready whoever has been here before: their keys, and what they have answered. Resolves with
   * what the server holds; null where that is nothing, or it is not reachable now.
   */
  async recall(): Promise<Record | null> {
    if (this.#seat.seed === null || this.#seat.enrolment === null) return null;
    const answers = await this.#prepare(this.#seat.seed, this.#seat.enrolment);
    try {
      const { checked, record } = await fetchRecord(answers.keys, api.receipt, serverNow());
      answers.adopt(checked);
      this.#known.value = true;
      return record;
    } catch (error) {
      // Not reachable now: the welcome says what the last answer was.
      if (!(error instanceof Refused)) throw error;
      // The page was left before the keys had arrived: then nothing has been asked yet, either.
      this.#known.value = error.code !== "not-enrolled" && error.code !== "not-found";
      return null;
    }
  }

  /**
   * Draw the keys and sign the enrolment, and keep both before anybody is told of them. Another page
   * of this browser may have done so: then this one goes on as the same person, and what it has
   * drawn itself is forgotten.
   */
  async enrol(name: string, shown: ShownNotice): Promise<void> {
    // A name can be changed for as long as it is not signed.
    if (this.#seat.enrolment === null) this.#seat = { ...this.#seat, name };
    if (this.#answers.value !== null) return;
    const { meeting } = this.#seat;
    const { enrolment, seed } = await oneAtATime(seatLock(meeting), async () => {
      const found = await this.#store.find(meeting);
      if (found !== null && found.seed !== null) {
        this.#seat = found.enrolment === null ? { ...found, name } : found;
      }
      for (;;) {
        const offered = await this.#signed(shown);
        this.#seat = await this.#store.adopt(offered);
        const { enrolment, seed } = this.#seat;
        if (seed !== null && enrolment !== null) return { enrolment, seed };
      }
    });
    await this.#prepare(seed, enrolment);
  }

  /** The seat with keys and enrolment, drawn and signed now where they are missing. */
  async #signed(shown: ShownNotice): Promise<StoredSeat> {
    if (this.#seat.enrolment !== null) return this.#seat;
    const { charter } = this.#entrance;
    const seed = this.#seat.seed ?? random(SEED_BYTES);
    const keys = await deriveKeys(seed, charter.meeting);
    const salt = random(SALT_BYTES);
    const name = await nameDigest(salt, this.#seat.name);
    const { body, signature } = await makeEnrolment(keys, charter, shown, name, serverNow());
    const enrolment = { document: encode(body), signature: encode(signature) };
    return { ...this.#seat, seed, salt: encode(salt), enrolment };
  }

  /** What goes with the enrolment: what shows that the invitation has brought whoever has it. */
  async brought(answers: Answers): Promise<Enrol["brought"]> {
    const { link } = this.#seat;
    if (link === null) return null;
    const key = await broughtKeyOf(parseFragment(link.fragment));
    const { digest: enrolment, meeting } = answers.enrolment;
    const { ordinal } = link;
    return { ordinal, mac: encode(await broughtMac(key, meeting, ordinal, enrolment)) };
  }

  /** The server does not take the name that was signed: another can be, with the same keys. */
  async unsign(): Promise<void> {
    const { enrolment, meeting } = this.#seat;
    if (enrolment === null) return;
    await this.#store.unsign(meeting, enrolment.document);
    this.#seat = unsigned(this.#seat);
    this.#answers.value = null;
  }

  async #prepare(
    seed: NonNullable<StoredSeat["seed"]>,
    signed: NonNullable<StoredSeat["enrolment"]>,
  ): Promise<Answers> {
    const { charter, vaultKey } = this.#entrance;
    const keys = await deriveKeys(seed, charter.meeting);
    const enrolment = await verifyEnrolment(
      decode(signed.document),
      decode(signed.signature),
      charter,
    );
    const answers = new Answers(keys, charter, enrolment, {
      deliver: this.#owner.deliver,
      keep: async ({ digest: statement, sequence }, acknowledgement) => {
        await this.#keep(keys, statement, sequence, acknowledgement);
      },
      fetch: () => this.#fetch(keys),
      now: serverNow,
      unsent: unsentAnswers,
    });
    answers.useVaultKey(vaultKey);
    this.#answers.value = answers;
    this.#owner.onReady(answers);
    return answers;
  }

  /** The server has signed for the enrolment. */
  handleEnrolled({ enrolment, keys }: Answers, acknowledgement: SignedDocument): void {
    // Not waited for: nothing rests on it.
    void this.#keep(keys, enrolment.digest, 0, acknowledgement);
  }

  async #keep(
    keys: PersonKeys,
    statement: Bytes,
    sequence: number,
    acknowledgement: SignedDocument,
  ): Promise<void> {
    const { server } = this.#entrance.charter;
    await keepAcknowledgement({ keys, server, statement, sequence }, acknowledgement);
  }

  async #fetch(keys: PersonKeys): Promise<CheckedRecord> {
    return (await fetchRecord(keys, api.receipt, serverNow())).checked;
  }

  /** Fetch what the server holds where its last answer, base64url, is not what is known here. */
  async align(answers: Answers, lastAnswer: string | null): Promise<void> {
    const last =
      lastAnswer === null ? null : await digest(tryDecode(lastAnswer) ?? new Uint8Array());
    await answers.align(last);
    this.lookForVaultKey();
  }

  /** The vault may have made its key after the seat was taken: ask, where it is still missing. */
  lookForVaultKey(): void {
    const answers = this.#answers.value;
    if (answers === null || !this.#entrance.charter.training || answers.vaultKey.value !== null)
      return;
    this.#fetch(answers.keys).then(
      ({ vaultKey }) => {
        answers.useVaultKey(vaultKey);
      },
      () => undefined, // asked again with the next look
    );
  }
}

export function receiptLink(meeting: string, seed: Uint8Array): string {
  return `${location.origin}/r/${meeting}#${encode(seed)}`;
}

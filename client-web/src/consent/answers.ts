// A person's answers: the chain so far, and the one on its way.
//
// An answer is signed once and the same bytes are sent until the server has said what became of
// them. If it says that they do not follow its last one, its record is fetched and checked: either
// the answer had arrived after all, or the person has answered elsewhere and is asked again here.

import { type ReadonlySignal, signal } from "@preact/signals";

import { Refused } from "../api/errors";
import { equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import type { PersonKeys } from "../crypto/keys";
import type { CheckedRecord } from "../crypto/record";
import {
  type Answer,
  type Enrolment,
  makeAnswer,
  type Shown,
  type SignedAnswer,
  type Wish,
} from "../crypto/statement";
import type { VaultKey } from "../crypto/vault-key";
import { Backoff } from "../signalling/backoff";

export interface Means {
  /** Hand a signed answer to the server; rejects with what it says. */
  deliver(signed: SignedAnswer): Promise<void>;
  /** Fetch the server's record, checked. */
  fetch(): Promise<CheckedRecord>;
  now(): number;
}

export class Answers {
  readonly keys: PersonKeys;
  readonly charter: Charter;
  readonly enrolment: Enrolment;
  readonly last: ReadonlySignal<Answer | null>;
  /** The key that training is granted to; null until the vault has made it, and once it is gone. */
  readonly vaultKey: ReadonlySignal<VaultKey | null>;
  readonly sending: ReadonlySignal<boolean>;

  readonly #last = signal<Answer | null>(null);
  readonly #vaultKey = signal<VaultKey | null>(null);
  readonly #sending = signal(false);
  readonly #means: Means;

  constructor(keys: PersonKeys, charter: Charter, enrolment: Enrolment, means: Means) {
    this.keys = keys;
    this.charter = charter;
    this.enrolment = enrolment;
    this.last = this.#last;
    this.vaultKey = this.#vaultKey;
    this.sending = this.#sending;
    this.#means = means;
  }

  /** The person's whole will, as it stands. */
  get whole(): Wish {
    const last = this.#last.value;
    return { recording: last?.recording ?? "unanswered", training: last?.training ?? "unanswered" };
  }

  useVaultKey(key: VaultKey | null): void {
    this.#vaultKey.value = key;
  }

  /** Take over what the server holds, once it has been checked. */
  adopt(record: CheckedRecord): void {
    this.#last.value = record.answers.at(-1)?.answer ?? null;
    this.#vaultKey.value = record.vaultKey;
  }

  /** Fetch what the server holds, if it is not what is known here. */
  async align(lastAtServer: Uint8Array | null): Promise<void> {
    const mine = this.#last.value?.digest ?? null;
    const same =
      mine === null || lastAtServer === null ? mine === lastAtServer : equal(mine, lastAtServer);
    if (!same && !this.#sending.value) this.adopt(await this.#means.fetch());
  }

  /** Sign and send the person's whole will; resolves when the server has it. */
  async say(wish: Wish, shown: Shown): Promise<void> {
    if (this.#sending.value) throw new Error("one answer at a time");
    this.#sending.value = true;
    try {
      const signed = await makeAnswer(
        this.keys,
        this.charter,
        this.enrolment,
        this.#last.value,
        wish,
        shown,
        this.#vaultKey.value,
        this.#means.now(),
      );
      await this.#deliver(signed);
      this.#last.value = signed.answer;
    } finally {
      this.#sending.value = false;
    }
  }

  async #deliver(signed: SignedAnswer): Promise<void> {
    const backoff = new Backoff();
    for (;;) {
      try {
        await this.#means.deliver(signed);
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === "stale-statement") {
          const record = await this.#means.fetch();
          this.adopt(record);
          const arrived = this.#last.value;
          if (arrived !== null && equal(arrived.digest, signed.answer.digest)) return;
          throw error;
        }
        // Whether it arrived is not known; sending the same bytes again does no harm.
        if (error.code !== "unreachable") throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, backoff.next()));
    }
  }
}

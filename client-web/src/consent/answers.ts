// A person's answers: the chain so far, and the one on its way.
//
// An answer is signed once, kept, and the same bytes are sent until the server has said what became
// of them, by this page or the next. If it says that they do not follow its last one, its record is
// fetched and checked: either the answer had arrived after all, or the person has answered elsewhere.
// What they take back is then said anew, for it always wins; what they give they are asked again.

import { type ReadonlySignal, signal } from "@preact/signals";

import { Refused } from "../api/errors";
import type { Act, SignedDocument } from "../api/types";
import { type Bytes, decode, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { CryptoError } from "../crypto/errors";
import type { PersonKeys } from "../crypto/keys";
import type { CheckedRecord } from "../crypto/record";
import {
  type Answer,
  type Enrolment,
  makeAnswer,
  parseAnswer,
  type ShownNotice,
  type SignedAnswer,
  type Wish,
} from "../crypto/statement";
import type { VaultKey } from "../crypto/vault-key";
import { PassingUnsent, type Unsent, type UnsentStore } from "../store/unsent";
import { sendUntilTaken } from "./sending";

export interface Means {
  /** Hand a signed answer to the server, for what it signs in return; rejects with what it says. */
  deliver(signed: SignedAnswer): Promise<SignedDocument | null>;
  /** Keep what the server has signed for an answer, to hold it to it later. */
  keep?(answer: Answer, acknowledgement: SignedDocument): Promise<void>;
  /** Fetch the server's record, checked. */
  fetch(): Promise<CheckedRecord>;
  now(): number;
  /** Where answers are kept that were not taken yet; without it, for as long as this page lasts. */
  unsent?(): Promise<UnsentStore>;
}

export class Answers {
  readonly keys: PersonKeys;
  readonly charter: Charter;
  readonly enrolment: Enrolment;
  readonly last: ReadonlySignal<Answer | null>;
  /** The key that training is granted to; null until the vault has made it, and once it is gone. */
  readonly vaultKey: ReadonlySignal<VaultKey | null>;
  readonly sending: ReadonlySignal<boolean>;
  /** What was signed and has not been taken at the first try: it is being sent again. */
  readonly pending: ReadonlySignal<Wish | null>;
  /** What others took back for the person. */
  readonly acts: ReadonlySignal<readonly Act[]>;

  readonly #last = signal<Answer | null>(null);
  readonly #vaultKey = signal<VaultKey | null>(null);
  readonly #sending = signal(false);
  readonly #pending = signal<Wish | null>(null);
  readonly #acts = signal<readonly Act[]>([]);
  /** Digests of the person's own answers that say yes to recording, as far as they are known. */
  readonly #agreed = new Map<string, Bytes>();
  readonly #means: Means;
  readonly #unsent: Promise<UnsentStore>;

  constructor(keys: PersonKeys, charter: Charter, enrolment: Enrolment, means: Means) {
    this.keys = keys;
    this.charter = charter;
    this.enrolment = enrolment;
    this.last = this.#last;
    this.vaultKey = this.#vaultKey;
    this.sending = this.#sending;
    this.pending = this.#pending;
    this.acts = this.#acts;
    this.#means = means;
    this.#unsent = means.unsent?.() ?? Promise.resolve(new PassingUnsent());
  }

  get #id(): string {
    return `${encode(this.keys.meeting)}/${encode(this.keys.person)}`;
  }

  /** What the person has said last, whether the server has taken it or not. */
  get said(): Wish {
    return this.#pending.value ?? this.whole;
  }

  /** The person's whole will, as the server has taken it, less what others took back for them. */
  get whole(): Wish {
    const last = this.#last.value;
    if (last === null) return { recording: "unanswered", training: "unanswered" };
    const acts = this.#acts.value;
    const stands = ({ purpose, sequence }: Act): boolean =>
      purpose === "recording" && sequence >= last.sequence;
    return {
      recording: last.recording === "yes" && acts.some(stands) ? "withdrawn" : last.recording,
      // For good: the key is gone.
      training: last.training === "yes" && acts.length > 0 ? "withdrawn" : last.training,
    };
  }

  /** Learn what others took back for the person by now. */
  handleActs(acts: readonly Act[]): void {
    if (JSON.stringify(acts) !== JSON.stringify(this.#acts.peek())) this.#acts.value = acts;
  }

  useVaultKey(key: VaultKey | null): void {
    this.#vaultKey.value = key;
  }

  /**
   * Digests of the person's own answers that say yes to recording. Where `named` is none of them, the
   * record is asked: another page may have given it.
   */
  readonly agreed = async (named: Bytes | null): Promise<readonly Bytes[]> => {
    if (named !== null && !this.#agreed.has(encode(named))) {
      await this.#means.fetch().then(
        (record) => {
          this.#learn(record.answers.map(({ answer }) => answer));
        },
        // Where it cannot be had, or believed, it stays unknown.
        (error: unknown) => {
          if (!(error instanceof Refused) && !(error instanceof CryptoError)) throw error;
        },
      );
    }
    return [...this.#agreed.values()];
  };

  #learn(answers: readonly Answer[]): void {
    for (const { digest, recording } of answers) {
      if (recording === "yes") this.#agreed.set(encode(digest), digest);
    }
  }

  /** Take over what the server holds, once it has been checked. */
  adopt(record: CheckedRecord): void {
    this.#learn(record.answers.map(({ answer }) => answer));
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
  async say(wish: Wish, shown: ShownNotice): Promise<void> {
    if (this.#sending.value) throw new Error("one answer at a time");
    this.#sending.value = true;
    try {
      await this.#send(await this.#sign(wish, shown));
    } finally {
      this.#sending.value = false;
    }
  }

  /** Resolves when an answer was tried, and the server does not take it for now. */
  delayed(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#pending.subscribe((pending) => {
        if (pending === null) return;
        resolve();
        queueMicrotask(() => {
          stop();
        });
      });
    });
  }

  /** Take up again what an earlier page has left; call it once the record is known, or is not. */
  async resume(): Promise<void> {
    const store = await this.#unsent;
    const left = await store.find(this.#id).catch(() => null);
    if (left === null || this.#sending.value) return;
    const answer = await parseAnswer(decode(left.statement));
    const { recording, training } = answer;
    this.#sending.value = true;
    this.#pending.value = { recording, training };
    try {
      await this.#send({
        body: decode(left.statement),
        signature: decode(left.signature),
        sealed: left.sealed === null ? null : decode(left.sealed),
        answer,
      });
    } finally {
      this.#sending.value = false;
    }
  }

  #sign(wish: Wish, shown: ShownNotice): Promise<SignedAnswer> {
    return makeAnswer(
      this.keys,
      this.charter,
      this.enrolment,
      this.#last.value,
      wish,
      shown,
      this.#vaultKey.value,
      this.#means.now(),
    );
  }

  async #send(signed: SignedAnswer): Promise<void> {
    this.#learn([signed.answer]);
    const { recording, training } = signed.answer;
    const kept: Unsent = {
      id: this.#id,
      statement: encode(signed.body),
      signature: encode(signed.signature),
      sealed: signed.sealed === null ? null : encode(signed.sealed),
    };
    const store = await this.#unsent;
    // Not waited for: what stops a recording is on its way first.
    const keeping = store.keep(kept).catch(() => undefined);
    try {
      await sendUntilTaken(
        this.#id,
        async () => {
          const acknowledgement = await this.#means.deliver(signed);
          if (acknowledgement !== null) await this.#means.keep?.(signed.answer, acknowledgement);
        },
        () => {
          this.#pending.value = { recording, training };
        },
      );
      this.#last.value = signed.answer;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "stale-statement") throw error;
      await this.#sayAnew(signed, error);
    } finally {
      this.#pending.value = null;
      await keeping;
      await store.drop(kept).catch(() => undefined);
    }
  }

  /** The server has another last answer: fetch it, and take back once more what was taken back. */
  async #sayAnew(signed: SignedAnswer, stale: Refused): Promise<void> {
    this.adopt(await this.#means.fetch());
    const last = this.#last.value;
    if (last !== null && equal(last.digest, signed.answer.digest)) return;
    const { answer } = signed;
    if (answer.recording !== "withdrawn" && answer.training !== "withdrawn") throw stale;
    const before = this.whole;
    const wish = { recording: taken("recording"), training: taken("training") };
    if (wish.recording === before.recording && wish.training === before.training) return;
    await this.#send(await this.#sign(wish, answer));

    function taken(purpose: "recording" | "training"): Wish["recording"] {
      const withdrawn = answer[purpose] === "withdrawn" && before[purpose] === "yes";
      return withdrawn ? "withdrawn" : before[purpose];
    }
  }
}

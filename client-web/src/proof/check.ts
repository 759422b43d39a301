// The checks of a receipt, one after the other, as FORMAT.md section 14.1 lists them: each is told to
// whoever watches as soon as it is made. Nothing here asks anybody anything: what is in the file, and the
// keys that the reader was told, is all there is.

import { type Bytes, concat, encode, equal, utf8 } from "../crypto/bytes";
import { type Charter, parseCharter } from "../crypto/charter";
import { FormatError, NoticeNotInForce, SignatureError, StaleStatement } from "../crypto/errors";
import { type Answer, type Enrolment, verifyAnswer, verifyEnrolment } from "../crypto/statement";
import { digest } from "../crypto/suite";
import { verifyVaultKey } from "../crypto/vault-key";
import type { LoggedRecord } from "./course";
import { type FailureCode, Fails } from "./fails";
import { checkRecords } from "./history";
import { type LogDocument, verifyAcknowledgement, verifyLogDocument } from "./log-document";
import { leafHash, rootOf } from "./merkle";
import { type Checkpoint, cosignedBy, isSignedBy } from "./note";
import { type EntryPart, parseReceipt, type ReceiptFile, type SignedPart } from "./receipt-file";
import { Malformed } from "./text";
import { parseProof, type TlogProof } from "./tlog-proof";

export const CHECKS = [
  "file",
  "charter",
  "server",
  "vault",
  "words",
  "vault-key",
  "enrolment",
  "answers",
  "records",
  "log",
  "acknowledgements",
  "heads",
  "inclusion",
] as const;
export type CheckName = (typeof CHECKS)[number];

export interface Check {
  readonly name: CheckName;
  /** `own-word`: it holds as far as the file itself says, for the reader knew nothing to compare. */
  readonly state: "holds" | "own-word" | "fails" | "not-made";
  readonly code: FailureCode | null;
}

/** Keys that the reader knows by another way than the file; null where not. */
export interface Pins {
  readonly server: Bytes | null;
  readonly vault: Bytes | null;
  /** Each must have cosigned every head. */
  readonly witnesses?: readonly { readonly name: string; readonly key: Bytes }[];
}

/** What a receipt says, once it is believed. */
export interface Receipt {
  readonly charter: Charter;
  readonly notices: ReceiptFile["notices"];
  readonly enrolment: Enrolment;
  readonly answers: readonly Answer[];
  readonly log: LogDocument;
  /** What the server vouches for the log with. */
  readonly vouched: SignedPart;
  /** Of the enrolment and the answers, in that order. */
  readonly acknowledgements: readonly SignedPart[];
  /** Of the enrolment and the answers, then all others. */
  readonly records: readonly LoggedRecord[];
  /** The head that the proofs lead to, and its note. */
  readonly head: { readonly size: number; readonly root: Bytes; readonly note: string };
}

export interface Verdict {
  readonly checks: readonly Check[];
  /** "A receipt holds when every check was made and none has failed." */
  readonly holds: boolean;
  /** What may be shown of it: null unless it holds. */
  readonly receipt: Receipt | null;
  /** Shown even where it does not hold, to be compared. */
  readonly charter: Charter | null;
}

const NEEDS: Record<CheckName, readonly CheckName[]> = {
  file: [],
  charter: ["file"],
  server: ["charter"],
  vault: ["charter"],
  words: ["charter"],
  "vault-key": ["charter"],
  enrolment: ["charter"],
  answers: ["enrolment"],
  records: ["answers"],
  log: ["charter"],
  acknowledgements: ["records", "log"],
  heads: ["log"],
  inclusion: ["heads"],
};

/** Check a file, telling `told` of every check as it is made; waits for it, so that eyes can follow. */
export async function checkReceipt(
  body: Uint8Array,
  pins: Pins,
  told: (check: Check) => void | Promise<void> = () => undefined,
): Promise<Verdict> {
  const checker = new Checker(body, pins);
  const checks: Check[] = [];
  for (const name of CHECKS) {
    const check = await make(name, checker, checks);
    checks.push(check);
    await told(check);
  }
  const holds = checks.every(({ state }) => state === "holds" || state === "own-word");
  return {
    checks,
    holds,
    receipt: holds ? checker.receipt() : null,
    charter: checker.charter,
  };
}

async function make(name: CheckName, checker: Checker, before: readonly Check[]): Promise<Check> {
  const made = (needed: CheckName): boolean =>
    before.some((one) => one.name === needed && one.code === null && one.state !== "not-made");
  if (!NEEDS[name].every(made)) return { name, state: "not-made", code: null };
  try {
    return { name, state: (await checker.make(name)) ?? "holds", code: null };
  } catch (error) {
    if (error instanceof Fails) return { name, state: "fails", code: error.code };
    throw error;
  }
}

class Checker {
  readonly #body: Uint8Array;
  readonly #pins: Pins;
  charter: Charter | null = null;
  #file: ReceiptFile | null = null;
  #enrolment: Enrolment | null = null;
  #answers: Answer[] = [];
  #records: readonly LoggedRecord[] = [];
  #log: LogDocument | null = null;
  #proofs: TlogProof[] = [];

  constructor(body: Uint8Array, pins: Pins) {
    this.#body = body;
    this.#pins = pins;
  }

  async make(name: CheckName): Promise<"own-word" | null> {
    switch (name) {
      case "file":
        this.#file = await reading("not-a-receipt", () => parseReceipt(this.#body));
        return null;
      case "charter":
        this.charter = await reading("bad-document", () => parseCharter(this.#given.charter));
        return null;
      case "server":
        return pinned(this.#rules.server, this.#pins.server);
      case "vault":
        return pinned(this.#rules.vault, this.#pins.vault);
      case "words":
        await this.#words();
        return null;
      case "vault-key":
        await this.#vaultKey();
        return null;
      case "enrolment": {
        const { document, signature } = this.#given.statements[0];
        this.#enrolment = await believing(() => verifyEnrolment(document, signature, this.#rules));
        return null;
      }
      case "answers":
        await this.#chain();
        return null;
      case "records":
        this.#records = await checkRecords(this.#given, {
          charter: this.#rules,
          enrolment: this.#person,
          answers: this.#answers,
        });
        return null;
      case "log":
        await this.#logDocument();
        return null;
      case "acknowledgements":
        await this.#acknowledgements();
        return null;
      case "heads":
        await this.#heads();
        return null;
      case "inclusion":
        await this.#inclusion();
        return null;
    }
  }

  receipt(): Receipt | null {
    const [first] = this.#proofs;
    if (this.charter === null || this.#enrolment === null || this.#log === null || !first) {
      return null;
    }
    const { checkpoint, note } = first; // of all, it is the same
    return {
      charter: this.charter,
      notices: this.#given.notices,
      enrolment: this.#enrolment,
      answers: this.#answers,
      log: this.#log,
      vouched: this.#given.log,
      acknowledgements: this.#given.statements.map(({ acknowledgement }) => acknowledgement),
      records: this.#records,
      head: { size: checkpoint.size, root: checkpoint.root, note },
    };
  }

  get #given(): ReceiptFile {
    if (this.#file === null) throw new Error("`file` comes first");
    return this.#file;
  }

  get #rules(): Charter {
    if (this.charter === null) throw new Error("`charter` comes first");
    return this.charter;
  }

  get #person(): Enrolment {
    if (this.#enrolment === null) throw new Error("`enrolment` comes first");
    return this.#enrolment;
  }

  get #itsLog(): LogDocument {
    if (this.#log === null) throw new Error("`log` comes first");
    return this.#log;
  }

  get #entries(): EntryPart[] {
    return [...this.#given.statements.map(({ entry }) => entry), ...this.#given.entries];
  }

  async #words(): Promise<void> {
    const given = this.#given.notices;
    const languages = [...this.#rules.notices.keys()].sort();
    if (given.map(({ language }) => language).join(" ") !== languages.join(" ")) {
      throw new Fails("other-languages");
    }
    for (const { language, text } of given) {
      const expected = this.#rules.notices.get(language);
      if (expected === undefined || !equal(await digest(utf8(text)), expected)) {
        throw new Fails("other-words");
      }
    }
  }

  async #vaultKey(): Promise<void> {
    const given = this.#given.vaultKey;
    if (given === null) return;
    const { document, signature } = given;
    const { meeting } = await reading("bad-document", () =>
      verifyVaultKey(document, signature, this.#rules.vault),
    );
    if (!equal(meeting, this.#rules.meeting)) throw new Fails("other-meeting");
  }

  async #chain(): Promise<void> {
    for (const { document, signature } of this.#given.statements.slice(1)) {
      const previous = this.#answers.at(-1) ?? null;
      this.#answers.push(
        await believing(() =>
          verifyAnswer(document, signature, this.#person, this.#rules, previous),
        ),
      );
    }
  }

  async #logDocument(): Promise<void> {
    const found = await reading("bad-document", () =>
      verifyLogDocument(this.#given.log, this.#rules.server),
    );
    if (!equal(found.server, this.#rules.server)) throw new Fails("other-key");
    this.#log = found;
  }

  async #acknowledgements(): Promise<void> {
    for (const [number, given] of this.#given.statements.entries()) {
      const found = await reading("bad-document", () =>
        verifyAcknowledgement(given.acknowledgement, this.#rules.server),
      );
      const same =
        found.meeting === encode(this.#rules.meeting) &&
        found.person === encode(this.#person.person) &&
        found.statement === encode(await digest(given.document)) &&
        found.origin === this.#itsLog.origin &&
        found.index === given.entry.index &&
        found.at === this.#records[number]?.record.at;
      if (!same) throw new Fails("mismatch");
    }
  }

  async #heads(): Promise<void> {
    const believed = new Set<string>();
    for (const given of this.#entries) {
      const proof = await reading("bad-document", () => parseProof(given.proof));
      if (proof.index !== given.index) throw new Fails("mismatch");
      if (proof.checkpoint.origin !== this.#itsLog.origin) throw new Fails("other-log");
      // Most proofs are of one head; it is looked at once.
      if (!believed.has(proof.note)) {
        await this.#believe(proof.checkpoint);
        believed.add(proof.note);
      }
      this.#proofs.push(proof);
    }
    const roots = new Map<number, string>();
    for (const { checkpoint } of this.#proofs) {
      const root = encode(checkpoint.root);
      if ((roots.get(checkpoint.size) ?? root) !== root) throw new Fails("split-view");
      roots.set(checkpoint.size, root);
    }
    // "All proofs MUST be of one checkpoint": with a head for each, each could be of another log.
    if (believed.size > 1) throw new Fails("mismatch");
  }

  async #believe(head: Checkpoint): Promise<void> {
    const witnesses = await Promise.all(
      (this.#pins.witnesses ?? []).map(({ key, name }) => cosignedBy(head, name, key)),
    );
    const signed = await isSignedBy(head, this.#itsLog.key);
    if (!signed || witnesses.includes(false)) throw new Fails("bad-signature");
    if (witnesses.includes(null)) throw new Fails("not-witnessed");
  }

  async #inclusion(): Promise<void> {
    for (const [number, { record, salt }] of this.#entries.entries()) {
      const proof = this.#proofs[number];
      if (proof === undefined) throw new Fails("not-in-log");
      const leaf = await leafHash(await digest(concat(salt, record)));
      const root = await rootOf(leaf, proof.index, proof.checkpoint.size, proof.path);
      if (root === null || !equal(root, proof.checkpoint.root)) throw new Fails("not-in-log");
    }
  }
}

function pinned(found: Bytes, expected: Bytes | null): "own-word" | null {
  if (expected === null) return "own-word";
  if (!equal(found, expected)) throw new Fails("other-key");
  return null;
}

async function reading<Found>(
  code: FailureCode,
  read: () => Found | Promise<Found>,
): Promise<Found> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FormatError || error instanceof Malformed) throw new Fails(code);
    if (error instanceof SignatureError) throw new Fails("bad-signature");
    throw error;
  }
}

/** The codes of statements are those of the protocol. */
async function believing<Found>(judge: () => Promise<Found>): Promise<Found> {
  try {
    return await judge();
  } catch (error) {
    if (error instanceof SignatureError) throw new Fails("bad-signature");
    if (error instanceof NoticeNotInForce) throw new Fails("notice-not-in-force");
    if (error instanceof StaleStatement) throw new Fails("stale-statement");
    if (error instanceof FormatError) throw new Fails("bad-statement");
    throw error;
  }
}

// The codes with which a check of a receipt fails (FORMAT.md, section 14.1).

export type FailureCode =
  | "not-a-receipt"
  | "bad-document"
  | "other-key"
  | "other-languages"
  | "other-words"
  | "other-meeting"
  | "bad-signature"
  | "bad-statement"
  | "notice-not-in-force"
  | "stale-statement"
  | "mismatch"
  | "out-of-order"
  | "missing"
  | "other-log"
  | "split-view"
  | "not-witnessed"
  | "not-in-log";

export class Fails extends Error {
  override readonly name = "Fails";
  readonly code: FailureCode;

  constructor(code: FailureCode) {
    super(code);
    this.code = code;
  }
}

// What can be wrong with what others signed, in one tree:
//
//   CryptoError
//   ├── FormatError         not what FORMAT.md allows; `field` says where
//   │   ├── StaleStatement  does not follow the answer before it
//   │   └── NoticeNotInForce
//   ├── SignatureError      the signature does not verify
//   ├── GenerationError     a generation's header does not hold, or what came with it; with `code`
//   ├── HostError           an act of a host is none, or not above those before; with `code`
//   └── SealError           does not open: another key, another place, changed or cut off

export class CryptoError extends Error {
  override readonly name: string = "CryptoError";
}

export class FormatError extends CryptoError {
  override readonly name: string = "FormatError";
  readonly field: string;

  constructor(field: string, what: string) {
    super(`${field} ${what}`);
    this.field = field;
  }
}

export class StaleStatement extends FormatError {
  override readonly name = "StaleStatement";
}

export class NoticeNotInForce extends FormatError {
  override readonly name = "NoticeNotInForce";
}

export class SignatureError extends CryptoError {
  override readonly name = "SignatureError";

  constructor(what = "the signature does not verify") {
    super(what);
  }
}

export class GenerationError extends CryptoError {
  override readonly name = "GenerationError";
  readonly code: string;

  constructor(code: string, what: string, options?: ErrorOptions) {
    super(what, options);
    this.code = code;
  }
}

export class HostError extends CryptoError {
  override readonly name = "HostError";
  readonly code: "not-a-host" | "stale-act" | "too-many-acts";

  constructor(code: HostError["code"], what: string) {
    super(what);
    this.code = code;
  }
}

export class SealError extends CryptoError {
  override readonly name = "SealError";
}

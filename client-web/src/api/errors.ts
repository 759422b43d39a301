// Why the server did not do what it was asked, over HTTP and over the socket alike.

import type { ErrorCode } from "../signalling/messages";

/** Beside the server's own codes: it could not be reached, or what it said was not understood. */
export type Code = ErrorCode | "unreachable" | "not-understood";

export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Code;
  readonly field: string | null;
  /** Seconds after which it may be tried again, where the server said so. */
  readonly retryAfter: number | null;

  constructor(
    code: Code,
    message = "",
    field: string | null = null,
    retryAfter: number | null = null,
  ) {
    super(message || code);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}

/** The refusal in `error`; what is no refusal is our own mistake and stays one. */
export function asRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  throw error;
}

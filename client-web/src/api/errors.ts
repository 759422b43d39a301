// Why the server did not do what it was asked, over HTTP and over the socket alike.

import type { ErrorCode } from "../signalling/messages";
import type { Act } from "./types";

/**
 * Beside the server's own codes: it could not be reached, what it said was not understood, or this
 * browser could not keep what must not be lost.
 */
export type Code = ErrorCode | "unreachable" | "not-understood" | "not-kept";

export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Code;
  readonly field: string | null;
  /** Seconds after which it may be tried again, where the server said so. */
  readonly retryAfter: number | null;
  /** Which of several things it was, of a code that stands for more than one. */
  readonly reason: string | null;
  /** Who deleted the meeting, and when, of `meeting-deleted`. */
  readonly deleted: { readonly by: Act["by"]; readonly at: number } | null;

  constructor(
    code: Code,
    message = "",
    field: string | null = null,
    retryAfter: number | null = null,
    reason: string | null = null,
    deleted: Refused["deleted"] = null,
  ) {
    super(message || code);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
    this.reason = reason;
    this.deleted = deleted;
  }
}

/** The refusal in `error`; what is no refusal is our own mistake and stays one. */
export function asRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  throw error;
}

// What went wrong, said plainly.

import type { ComponentChildren, VNode } from "preact";

import { Refused } from "../api/errors";
import { t } from "../i18n";
import { Warning } from "./icons";

export function refusalText(refusal: Refused): string {
  const texts: Readonly<Record<string, string | undefined>> = t().errors;
  // A field that is to blame is explained by the server, in words made for people.
  if (refusal.code === "bad-request" && refusal.message) return refusal.message;
  if (refusal.code === "weak-password" && refusal.reason !== null) {
    const weak: Readonly<Record<string, string | undefined>> = t().password.weak;
    return weak[refusal.reason] ?? refusal.message;
  }
  return texts[refusal.code] ?? (refusal.message || t().errors.internal);
}

/** The text of any error; what is not a refusal is our own mistake. */
export function textOf(error: unknown): string {
  return error instanceof Refused ? refusalText(error) : t().broken.body;
}

export function Failure({ children }: { readonly children: ComponentChildren }): VNode {
  return (
    <div class="banner trouble" role="alert">
      <Warning />
      <div>{children}</div>
    </div>
  );
}

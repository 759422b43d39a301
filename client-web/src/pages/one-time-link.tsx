// A link that is good once. Its token is in the fragment, which no server log ever sees: what it is
// for is asked of the server before anything is asked of whoever has it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import { asRefused, type Refused } from "../api/errors";
import { t } from "../i18n";
import { onOtherLink, openedLinkOf } from "../link";
import { Failure, refusalText } from "../ui/failure";
import { Shell } from "../ui/shell";

interface Props<Found extends object> {
  readonly kind: "invitation" | "password";
  readonly text: { readonly title: string; readonly invalid: string };
  /** Asks what a token is good for; the same function at every rendering. */
  readonly inspect: (token: string) => Promise<Found>;
  /** What is shown where it is good for something. */
  readonly children: (found: Found, token: string) => ComponentChildren;
}

export function OneTimeLink<Found extends object>({
  children,
  inspect,
  kind,
  text,
}: Props<Found>): VNode {
  const [link] = useState(() => openedLinkOf(kind));
  const token = link?.secret ?? "";
  const problem = link?.problem ?? null;
  const found = useSignal<Found | "invalid" | null>(null);
  const refusal = useSignal<Refused | null>(null);

  useEffect(
    () =>
      onOtherLink(() => {
        location.reload();
      }),
    [],
  );
  useEffect(() => {
    if (token === "") {
      found.value = "invalid";
      return;
    }
    inspect(token).then(
      (what) => {
        found.value = what;
      },
      (error: unknown) => {
        const refused = asRefused(error);
        if (refused.code === "bad-token" || refused.code === "bad-request") found.value = "invalid";
        else refusal.value = refused;
      },
    );
  }, [found, inspect, refusal, token]);

  return (
    <Shell title={text.title} narrow>
      <div class="card stack">
        <h1>{text.title}</h1>
        {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
        {found.value === "invalid" && (
          <Failure>{problem === null ? text.invalid : t().links[problem]}</Failure>
        )}
        {found.value !== null && found.value !== "invalid" && children(found.value, token)}
      </div>
    </Shell>
  );
}

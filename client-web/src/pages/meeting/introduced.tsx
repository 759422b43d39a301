// What is to be said of somebody beside their name: that the invitation has not brought them, or that
// the name is not the one that they have signed; and what of them no host has signed.

import type { VNode } from "preact";

import { t } from "../../i18n";
import type { MeetingSession } from "../../meeting/session";

interface Props {
  readonly person: string;
  readonly session: MeetingSession;
}

export function Introduced({ person, session }: Props): VNode {
  const known = session.introductions.known.value.get(person);
  const doubt = session.hosting.doubts.value.people.get(person);
  const text = t().people;
  return (
    <>
      {(known?.name ?? null) === null && (
        <span class="hint" data-unnamed>
          {text.nameless}
        </span>
      )}
      {doubt !== undefined && (
        <span class="hint" data-doubt={doubt}>
          {text.doubts[doubt]}
        </span>
      )}
      {known?.brought === false && (
        <span class="hint" data-not-brought>
          {text.notBrought}
        </span>
      )}
    </>
  );
}

/** Said once, where this browser has no link to tell by. */
export function WithoutLink({ session }: Pick<Props, "session">): VNode | null {
  return session.identity.seat.link === null ? (
    <p class="hint" data-without-link>
      {t().people.withoutLink}
    </p>
  ) : null;
}

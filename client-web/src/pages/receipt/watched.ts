// The people of a recording, as the player lists them: hosts first, then by name.

import type { Outline } from "../../api/types";
import { t } from "../../i18n";

export interface Watched {
  readonly person: string;
  readonly name: string;
  /** Their part was deleted, or is about to be. */
  readonly deleted: boolean;
}

export function peopleOf(outline: Outline): readonly Watched[] {
  const { watching: text } = t();
  return outline.people
    .map(({ host, name, person }) => ({
      person,
      host,
      name: name === "" ? text.nameless : name,
      deleted: outline.deleted.some((one) => one.person === person),
    }))
    .sort(
      (left, right) =>
        Number(right.host) - Number(left.host) || left.name.localeCompare(right.name),
    );
}

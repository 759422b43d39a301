// What the server says about itself, for whoever shows it.

import { signal } from "@preact/signals";

import { api } from "../api/http";
import type { Info } from "../api/types";

export const info = signal<Info | null>(null);

/** Ask once; a page that cannot show it works all the same. */
export function loadInfo(): void {
  api.info().then(
    (found) => {
      info.value = found;
    },
    () => undefined,
  );
}

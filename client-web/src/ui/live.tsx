// What is said to people who do not see the page: a polite voice and an urgent one.

import { signal } from "@preact/signals";
import type { VNode } from "preact";

const polite = signal("");
const urgent = signal("");

/** Say something aloud, after what is being said; urgent words interrupt. */
export function announce(text: string, loud = false): void {
  const region = loud ? urgent : polite;
  // The same words again are said again only if the region has been empty in between.
  region.value = "";
  setTimeout(() => {
    region.value = text;
  }, 60);
}

export function LiveRegions(): VNode {
  return (
    <>
      <div class="unseen" role="status" aria-live="polite" aria-atomic="true" data-live="polite">
        {polite.value}
      </div>
      <div class="unseen" role="alert" aria-live="assertive" aria-atomic="true" data-live="urgent">
        {urgent.value}
      </div>
    </>
  );
}

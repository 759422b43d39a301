// Something that is tried at a click: what is shown meanwhile, and why it was refused.

import { type Signal, useSignal } from "@preact/signals";

import { asRefused, type Refused } from "../../api/errors";

export interface Attempt {
  readonly busy: Signal<boolean>;
  readonly refusal: Signal<Refused | null>;
  /** Do it; tells whether it was not refused. */
  readonly attempt: (act: () => Promise<void>) => Promise<boolean>;
}

export function useAttempt(): Attempt {
  const busy = useSignal(false);
  const refusal = useSignal<Refused | null>(null);
  return {
    busy,
    refusal,
    attempt: async (act) => {
      busy.value = true;
      refusal.value = null;
      try {
        await act();
        return true;
      } catch (error) {
        refusal.value = asRefused(error);
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}

// Who is signed in, for the pages that need somebody.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { asRefused, type Refused } from "../api/errors";
import { api } from "../api/http";
import type { Account } from "../api/types";

export type Who =
  | { readonly known: false; readonly refusal: Refused | null }
  | { readonly known: true; readonly account: Account | null };

export function useAccount(): { who: Who; signedIn: (account: Account) => void } {
  const who = useSignal<Who>({ known: false, refusal: null });
  useEffect(() => {
    api.me().then(
      ({ account }) => {
        who.value = { known: true, account };
      },
      (error: unknown) => {
        who.value = { known: false, refusal: asRefused(error) };
      },
    );
  }, [who]);
  return {
    who: who.value,
    signedIn: (account) => {
      who.value = { known: true, account };
    },
  };
}

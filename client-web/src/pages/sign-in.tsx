// Signing in, wherever an account is needed.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { asRefused, type Refused } from "../api/errors";
import { api } from "../api/http";
import type { Account } from "../api/types";
import { t } from "../i18n";
import { Failure, refusalText } from "../ui/failure";
import { Field } from "../ui/field";
import { Shell } from "../ui/shell";

export function SignIn({ onSignedIn }: { readonly onSignedIn: (account: Account) => void }): VNode {
  const login = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const refusal = useSignal<Refused | null>(null);
  const text = t().signIn;

  const submit = async (): Promise<void> => {
    busy.value = true;
    refusal.value = null;
    try {
      onSignedIn((await api.signIn(login.value, password.value)).account);
    } catch (error) {
      refusal.value = asRefused(error);
      password.value = "";
    } finally {
      busy.value = false;
    }
  };

  return (
    <Shell title={text.title} narrow>
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>{text.title}</h1>
        <p class="hint">{text.intro}</p>
        <Field label={text.login} value={login} autoComplete="username" required />
        <Field
          label={text.password}
          value={password}
          type="password"
          autoComplete="current-password"
          required
        />
        {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
        <button type="submit" class="button primary" disabled={busy.value}>
          {text.submit}
        </button>
      </form>
    </Shell>
  );
}

export function SignOutButton(): VNode {
  return (
    <button
      type="button"
      class="button quiet"
      onClick={() => {
        void api.signOut().finally(() => {
          location.assign("/");
        });
      }}
    >
      {t().signIn.signOut}
    </button>
  );
}

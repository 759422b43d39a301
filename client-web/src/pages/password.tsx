// Setting a password anew.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { asRefused, type Refused } from "../api/errors";
import { api } from "../api/http";
import type { Role } from "../api/types";
import { t } from "../i18n";
import { dateTime } from "../i18n/format";
import { Failure, refusalText } from "../ui/failure";
import { Field } from "../ui/field";
import { OneTimeLink } from "./one-time-link";

export function PasswordPage(): VNode {
  const text = t().password;
  return (
    <OneTimeLink kind="password" text={text} inspect={api.inspectReset}>
      {({ expires_at: until, login, role }, token) => (
        <>
          <p>
            {text.of} <bdi>{login}</bdi>. <span class="hint">{text.until(dateTime(until))}</span>
          </p>
          <PasswordForm token={token} role={role} login={login} />
        </>
      )}
    </OneTimeLink>
  );
}

interface Props {
  readonly token: string;
  readonly role: Role;
  readonly login: string;
}

function PasswordForm({ login, role, token }: Props): VNode {
  const password = useSignal("");
  const busy = useSignal(false);
  const refusal = useSignal<Refused | null>(null);
  const text = t().password;

  const submit = async (): Promise<void> => {
    busy.value = true;
    refusal.value = null;
    try {
      await api.setPassword(token, password.value);
      location.replace(role === "administrator" ? "/admin" : "/");
    } catch (error) {
      refusal.value = asRefused(error);
      busy.value = false;
    }
  };

  const refused = refusal.value;
  const ofField = refused?.code === "weak-password" || refused?.field === "password";
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {/* So that password managers know whose it is. */}
      <input type="text" autoComplete="username" value={login} readOnly hidden />
      <Field
        label={text.password}
        value={password}
        hint={t().invitation.passwordHint}
        error={refused !== null && ofField ? refusalText(refused) : null}
        type="password"
        autoComplete="new-password"
        required
      />
      {refused !== null && !ofField && <Failure>{refusalText(refused)}</Failure>}
      <button type="submit" class="button primary" disabled={busy.value}>
        {text.submit}
      </button>
    </form>
  );
}

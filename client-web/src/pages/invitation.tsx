// Making an account from an invitation.

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

export function InvitationPage(): VNode {
  const text = t().invitation;
  return (
    <OneTimeLink kind="invitation" text={text} inspect={api.inspectInvitation}>
      {({ expires_at: until, role }, token) => (
        <>
          <p>
            {role === "host" ? text.forHost : text.forAdministrator}{" "}
            <span class="hint">{text.until(dateTime(until))}</span>
          </p>
          <AccountForm token={token} role={role} />
        </>
      )}
    </OneTimeLink>
  );
}

function AccountForm({ role, token }: { readonly token: string; readonly role: Role }): VNode {
  const name = useSignal("");
  const login = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const refusal = useSignal<Refused | null>(null);
  const text = t().invitation;

  const submit = async (): Promise<void> => {
    busy.value = true;
    refusal.value = null;
    try {
      await api.acceptInvitation(token, name.value, login.value, password.value);
      location.replace(role === "administrator" ? "/admin" : "/");
    } catch (error) {
      refusal.value = asRefused(error);
      busy.value = false;
    }
  };

  const wrong = (field: string): string | null =>
    fieldOf(refusal.value) === field && refusal.value !== null ? refusalText(refusal.value) : null;

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={text.name} value={name} error={wrong("name")} autoComplete="name" required />
      <Field
        label={text.login}
        value={login}
        hint={text.loginHint}
        error={wrong("login")}
        autoComplete="username"
        required
      />
      <Field
        label={text.password}
        value={password}
        hint={text.passwordHint}
        error={wrong("password")}
        type="password"
        autoComplete="new-password"
        required
      />
      {refusal.value !== null && fieldOf(refusal.value) === null && (
        <Failure>{refusalText(refusal.value)}</Failure>
      )}
      <button type="submit" class="button primary" disabled={busy.value}>
        {text.submit}
      </button>
    </form>
  );
}

/** The field of the form that is to blame, where one is. */
function fieldOf(refusal: Refused | null): "name" | "login" | "password" | null {
  if (refusal === null) return null;
  if (refusal.code === "weak-password") return "password";
  if (refusal.code === "login-taken") return "login";
  const { field } = refusal;
  return field === "name" || field === "login" || field === "password" ? field : null;
}

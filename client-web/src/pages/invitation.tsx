// Making an account from an invitation. Its token is in the fragment, which no server log ever sees.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import { asRefused, type Refused } from "../api/errors";
import { api } from "../api/http";
import type { Role } from "../api/types";
import { t } from "../i18n";
import { dateTime } from "../i18n/format";
import { Failure, refusalText } from "../ui/failure";
import { Field } from "../ui/field";
import { Shell } from "../ui/shell";

type Found = { role: Role; expires_at: number } | "invalid" | null;

export function InvitationPage(): VNode {
  const [token] = useState(() => location.hash.slice(1));
  const found = useSignal<Found>(null);
  const refusal = useSignal<Refused | null>(null);
  const text = t().invitation;

  useEffect(() => {
    api.inspectInvitation(token).then(
      (invitation) => {
        found.value = invitation;
      },
      (error: unknown) => {
        const refused = asRefused(error);
        if (refused.code === "bad-token" || refused.code === "bad-request") found.value = "invalid";
        else refusal.value = refused;
      },
    );
  }, [found, refusal, token]);

  return (
    <Shell title={text.title} narrow>
      <div class="card stack">
        <h1>{text.title}</h1>
        {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
        {found.value === "invalid" && <Failure>{text.invalid}</Failure>}
        {found.value !== null && found.value !== "invalid" && (
          <>
            <p>
              {found.value.role === "host" ? text.forHost : text.forAdministrator}{" "}
              <span class="hint">{text.until(dateTime(found.value.expires_at))}</span>
            </p>
            <AccountForm token={token} role={found.value.role} />
          </>
        )}
      </div>
    </Shell>
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

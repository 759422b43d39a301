// Setting a password anew. The link's token is in the fragment, which no server log ever sees.

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

type Found = { login: string; role: Role; expires_at: number } | "invalid" | null;

export function PasswordPage(): VNode {
  const [token] = useState(() => location.hash.slice(1));
  const found = useSignal<Found>(null);
  const refusal = useSignal<Refused | null>(null);
  const text = t().password;

  useEffect(() => {
    api.inspectReset(token).then(
      (reset) => {
        found.value = reset;
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
              {text.of} <bdi>{found.value.login}</bdi>.{" "}
              <span class="hint">{text.until(dateTime(found.value.expires_at))}</span>
            </p>
            <PasswordForm token={token} role={found.value.role} login={found.value.login} />
          </>
        )}
      </div>
    </Shell>
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

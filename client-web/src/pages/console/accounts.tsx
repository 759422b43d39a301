// Who has an account, and inviting more.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { asRefused, type Refused } from "../../api/errors";
import { api } from "../../api/http";
import type { ListedAccount, Role } from "../../api/types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { CopyField } from "../../ui/copy";
import { Failure, refusalText } from "../../ui/failure";

export function Accounts({ accounts }: { readonly accounts: readonly ListedAccount[] }): VNode {
  const invitation = useSignal<{ url: string; expires_at: number } | null>(null);
  const refusal = useSignal<Refused | null>(null);
  const text = t().console;

  const invite = async (role: Role): Promise<void> => {
    refusal.value = null;
    try {
      invitation.value = await api.invite(role);
    } catch (error) {
      refusal.value = asRefused(error);
    }
  };

  return (
    <section class="card stack" aria-labelledby="accounts">
      <h2 id="accounts">{text.people}</h2>
      <ul class="list">
        {accounts.map((account) => (
          <li class="list-row" key={account.id}>
            <span>
              <strong>
                <bdi>{account.name}</bdi>
              </strong>{" "}
              <span class="hint">
                <bdi>{account.login}</bdi>
                {account.disabled && ` · ${text.disabled}`}
              </span>
            </span>
            <span class="badge">{text.roles[account.role]}</span>
          </li>
        ))}
      </ul>
      <div class="row">
        <button type="button" class="button" onClick={() => void invite("host")}>
          {text.inviteHost}
        </button>
        <button type="button" class="button" onClick={() => void invite("administrator")}>
          {text.inviteAdministrator}
        </button>
      </div>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      {invitation.value !== null && (
        <CopyField
          label={text.invitationLink}
          value={invitation.value.url}
          button={`${t().common.copy}: ${text.invitationLink}`}
          hint={text.invitationHint(dateTime(invitation.value.expires_at))}
        />
      )}
    </section>
  );
}

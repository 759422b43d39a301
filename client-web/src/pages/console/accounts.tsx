// Who has an account: inviting more, shutting somebody out, and setting a lost password anew.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { api } from "../../api/http";
import type { ListedAccount, Role } from "../../api/types";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { AskedButton } from "../../ui/asked";
import { CopyField } from "../../ui/copy";
import { Failure, refusalText } from "../../ui/failure";
import { useAttempt } from "./attempt";

interface Props {
  readonly accounts: readonly ListedAccount[];
  /** Whose page this is; nobody shuts themselves out. */
  readonly me: string;
  readonly onChanged: () => void;
}

interface Link {
  readonly label: string;
  readonly url: string;
  readonly expires_at: number;
}

export function Accounts({ accounts, me, onChanged }: Props): VNode {
  const link = useSignal<Link | null>(null);
  const { attempt, refusal } = useAttempt();
  const text = t().console;

  const invite = (role: Role): Promise<boolean> =>
    attempt(async () => {
      link.value = { label: text.invitationLink, ...(await api.invite(role)) };
    });
  const reset = ({ id, login }: ListedAccount): Promise<boolean> =>
    attempt(async () => {
      link.value = { label: text.resetLink(login), ...(await api.admin.resetPassword(id)) };
    });
  const toggle = ({ disabled, id }: ListedAccount): Promise<boolean> =>
    attempt(async () => {
      await api.admin.setDisabled(id, !disabled);
      onChanged();
    });

  return (
    <section class="card stack" aria-labelledby="accounts">
      <h2 id="accounts">{text.people}</h2>
      <dl class="overview">
        {(["administrator", "host"] as const).map((role) => (
          <div key={role}>
            <dt>{text.roles[role]}</dt>
            <dd>{text.roleMay[role]}</dd>
          </div>
        ))}
      </dl>
      <ul class="list">
        {accounts.map((account) => (
          <li class="list-row" key={account.id} data-account={account.login}>
            <span>
              <strong>
                <bdi>{account.name}</bdi>
              </strong>{" "}
              <span class="hint">
                <bdi>{account.login}</bdi>
                {` · ${text.accountSince(dateTime(account.created_at))}`}
                {account.disabled && ` · ${text.disabled}`}
              </span>
            </span>
            <span class="row">
              <span class="badge">{text.roles[account.role]}</span>
              {!account.disabled && (
                <AskedButton
                  text={text.resetPassword}
                  label={`${text.resetPassword}: ${account.name}`}
                  onAct={() => void reset(account)}
                >
                  <p>{text.resetConfirm(account.name)}</p>
                </AskedButton>
              )}
              {account.id !== me && account.disabled && (
                <button
                  type="button"
                  class="button"
                  aria-label={`${text.enable}: ${account.name}`}
                  onClick={() => void toggle(account)}
                >
                  {text.enable}
                </button>
              )}
              {account.id !== me && !account.disabled && (
                <AskedButton
                  text={text.disable}
                  label={`${text.disable}: ${account.name}`}
                  onAct={() => void toggle(account)}
                >
                  <p>{text.disableBody}</p>
                </AskedButton>
              )}
            </span>
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
      {link.value !== null && (
        <CopyField
          label={link.value.label}
          value={link.value.url}
          button={`${t().common.copy}: ${link.value.label}`}
          hint={text.invitationHint(dateTime(link.value.expires_at))}
        />
      )}
    </section>
  );
}

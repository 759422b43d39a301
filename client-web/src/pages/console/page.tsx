// /admin: what the gate says of each meeting, what waits, what was exported, who has an account.
// Everything here looks; nothing here can release, open or grant.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useEffect } from "preact/hooks";

import { asRefused, type Refused } from "../../api/errors";
import { api } from "../../api/http";
import type { Export } from "../../api/export-types";
import type { Account, AdminMeeting, ListedAccount, LogStanding } from "../../api/types";
import { t } from "../../i18n";
import { useAccount } from "../../ui/account";
import { Failure, refusalText } from "../../ui/failure";
import { Shell } from "../../ui/shell";
import { SignIn, SignOutButton } from "../sign-in";
import { Accounts } from "./accounts";
import { Audit } from "./audit";
import { Exports } from "./exports";
import { Figures } from "./figures";
import { Log } from "./log";
import { Meetings } from "./meetings";
import { Notices } from "./notices";
import { Overview } from "./overview";
import { Releases } from "./releases";
import { Sessions } from "./sessions";
import { Settings } from "./settings";

/** The worker decides and exports by itself; the page looks again this often. */
const EVERY_MS = 2000;
/** So many rows of each list are shown, and so many more each time that is asked for. */
const AT_FIRST = 50;

export function ConsolePage(): VNode {
  const { signedIn, who } = useAccount();
  const text = t().console;
  if (!who.known) {
    return (
      <Shell title={text.title} narrow>
        {who.refusal !== null && <Failure>{refusalText(who.refusal)}</Failure>}
      </Shell>
    );
  }
  if (who.account === null) return <SignIn onSignedIn={signedIn} />;
  if (who.account.role !== "administrator") {
    return (
      <Shell title={text.title} narrow aside={<SignOutButton />}>
        <Failure>{text.notAllowed}</Failure>
      </Shell>
    );
  }
  return <Console me={who.account} />;
}

export interface Seen {
  readonly meetings: readonly AdminMeeting[];
  readonly exports: readonly Export[];
  readonly accounts: readonly ListedAccount[];
  readonly log: LogStanding;
  /** Whether any of the lists goes on. */
  readonly more: boolean;
}

function Console({ me }: { readonly me: Account }): VNode {
  const seen = useSignal<Seen | null>(null);
  const most = useSignal(AT_FIRST);
  const refusal = useSignal<Refused | null>(null);
  const text = t().console;

  const load = useCallback(async (): Promise<void> => {
    try {
      const [meetings, exports, accounts, log] = await Promise.all([
        api.admin.meetings(most.value),
        api.admin.exports(most.value),
        api.admin.accounts(most.value),
        api.admin.log(),
      ]);
      seen.value = {
        meetings: meetings.rows,
        exports: exports.rows,
        accounts: accounts.rows,
        log,
        more: meetings.more || exports.more || accounts.more,
      };
      refusal.value = null;
    } catch (error) {
      refusal.value = asRefused(error);
    }
  }, [most, refusal, seen]);

  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void load();
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [load]);

  return (
    <Shell
      title={text.title}
      wide
      aside={
        <>
          <span class="hint">{t().start.signedInAs(me.name)}</span>
          <a href="/">{t().start.title}</a>
          <SignOutButton />
        </>
      }
    >
      <h1>{text.title}</h1>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      <Overview />
      {seen.value !== null && (
        <div class="stack">
          <Meetings meetings={seen.value.meetings} onChanged={() => void load()} />
          <Releases />
          <Exports exports={seen.value.exports} me={me.id} onChanged={() => void load()} />
          <Accounts accounts={seen.value.accounts} me={me.id} onChanged={() => void load()} />
          {seen.value.more && (
            <button
              type="button"
              class="button"
              onClick={() => {
                most.value += AT_FIRST;
                void load();
              }}
            >
              {t().common.more}
            </button>
          )}
          <Notices />
          <Figures />
          <Audit accounts={seen.value.accounts} />
          <Log log={seen.value.log} />
          <Settings />
          <Sessions />
        </div>
      )}
    </Shell>
  );
}

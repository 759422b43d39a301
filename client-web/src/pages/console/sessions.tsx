// The browsers one is signed in with: listed, and signed out from here.

import type { VNode } from "preact";

import type { LoginSession } from "../../api/console-types";
import { api } from "../../api/http";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import { Failure, refusalText } from "../../ui/failure";
import { useAttempt } from "./attempt";
import { usePoller } from "./poller";

const EVERY_MS = 10_000;

export function Sessions(): VNode {
  const text = t().console.sessions;
  const seen = usePoller(() => api.sessions(), EVERY_MS, "");
  const { attempt, busy, refusal } = useAttempt();
  const sessions = seen.answer.value?.sessions ?? [];
  const act = (work: () => Promise<unknown>) => () =>
    void attempt(async () => {
      await work();
    }).finally(() => seen.again());
  return (
    <section class="card stack" aria-labelledby="sessions">
      <h2 id="sessions">{text.title}</h2>
      <p class="hint">{text.hint}</p>
      {seen.refusal.value !== null && <Failure>{refusalText(seen.refusal.value)}</Failure>}
      <ul class="list">
        {sessions.map((one) => (
          <Row key={one.id} one={one} busy={busy.value} onEnd={act(() => api.endSession(one.id))} />
        ))}
      </ul>
      {sessions.length > 1 && (
        <div>
          <button
            type="button"
            class="button"
            disabled={busy.value}
            onClick={act(() => api.endOtherSessions())}
          >
            {text.endOthers}
          </button>
        </div>
      )}
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
    </section>
  );
}

interface RowProps {
  readonly one: LoginSession;
  readonly busy: boolean;
  readonly onEnd: () => void;
}

function Row({ busy, one, onEnd }: RowProps): VNode {
  const text = t().console.sessions;
  const since = text.since(dateTime(one.created_at));
  return (
    <li class="list-row" data-session={one.current ? "current" : "other"}>
      <span>
        <span>{since}</span>{" "}
        <span class="hint">
          {text.used(dateTime(one.used_at))} · {text.until(dateTime(one.expires_at))}
        </span>
      </span>
      {one.current ? (
        <span class="badge">{text.current}</span>
      ) : (
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-label={`${text.end}: ${since}`}
          onClick={onEnd}
        >
          {text.end}
        </button>
      )}
    </li>
  );
}

// The devices in use: microphone, camera and loudspeaker; and another device of one's own, an encoder
// or a room system, which takes part as the person who has drawn its token. The token is shown when
// it is asked for, and kept nowhere.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Refused } from "../../api/errors";
import { t } from "../../i18n";
import { dateTime } from "../../i18n/format";
import type { MeetingSession } from "../../meeting/session";
import type { Device } from "../../signalling/messages";
import { AskedButton } from "../../ui/asked";
import { CopyField } from "../../ui/copy";
import { Failure, refusalText } from "../../ui/failure";
import { Check } from "../../ui/icons";
import { announce } from "../../ui/live";
import { DeviceSettings } from "../door/preview";

export function DevicePanel({ session }: { readonly session: MeetingSession }): VNode {
  const text = t().device;
  const refusal = useSignal<Refused | null>(null);
  const busy = useSignal(false);
  const device = session.device.value;
  const does = session.room.value?.you.device ?? null;

  const ask = (work: Promise<void>, done: string): void => {
    busy.value = true;
    refusal.value = null;
    work
      .then(
        () => {
          announce(done);
        },
        (error: unknown) => {
          if (!(error instanceof Refused)) throw error;
          refusal.value = error;
        },
      )
      .finally(() => {
        busy.value = false;
      });
  };

  const draw = (): void => {
    ask(session.drawDevice(), text.drawn);
  };

  return (
    <div class="stack" data-device={state(does)}>
      <DeviceSettings media={session.media} />
      <h3>{text.title}</h3>
      <p>{text.what}</p>
      <p>{text.covered}</p>
      {refusal.value !== null && <Failure>{refusalText(refusal.value)}</Failure>}
      {does !== null && <State does={does} />}
      {device !== null && <Access device={device} />}
      {does !== null && device === null && <p class="hint">{text.elsewhere}</p>}
      <p class="device-actions">
        {does === null ? (
          <button type="button" class="button primary" disabled={busy.value} onClick={draw}>
            {text.draw}
          </button>
        ) : (
          <>
            <AskedButton text={text.drawAgain} disabled={busy.value} onAct={draw}>
              <p>{text.again}</p>
            </AskedButton>
            <AskedButton
              text={text.end}
              disabled={busy.value}
              onAct={() => {
                ask(session.endDevice(), text.ended);
              }}
            >
              <p>{text.endConfirm}</p>
            </AskedButton>
          </>
        )}
      </p>
      {does !== null && <p class="hint">{text.again}</p>}
    </div>
  );
}

function State({ does }: { readonly does: readonly ("whip" | "whep")[] }): VNode {
  const text = t().device;
  return (
    <ul class="device-state" aria-label={text.state}>
      {does.length === 0 && <li>{text.awaited}</li>}
      {does.map((one) => (
        <li key={one} class="checked">
          <Check /> {text.does[one]}
        </li>
      ))}
    </ul>
  );
}

function Access({ device }: { readonly device: Device }): VNode {
  const text = t().device;
  return (
    <section class="stack" aria-labelledby="device-access">
      <h3 id="device-access">{text.access}</h3>
      <CopyField label={text.whip} value={addressOf(device.whip)} button={text.copyWhip} />
      <CopyField
        label={text.token}
        value={device.token}
        button={text.copyToken}
        hint={text.secret(dateTime(device.expires_at))}
      />
      <CopyField
        label={text.whep}
        value={addressOf(device.whep)}
        button={text.copyWhep}
        hint={text.whepHint}
      />
    </section>
  );
}

function addressOf(path: string): string {
  return new URL(path, location.origin).href;
}

function state(does: readonly string[] | null): string {
  if (does === null) return "none";
  return does.length === 0 ? "awaited" : does.join(" ");
}

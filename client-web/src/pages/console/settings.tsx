// The settings as they are now, and the key that changes each where the server is started.

import type { VNode } from "preact";

import type { Setting } from "../../api/console-types";
import { api } from "../../api/http";
import { t } from "../../i18n";
import { Failure, refusalText } from "../../ui/failure";
import { CardTable } from "./card-table";
import { usePoller } from "./poller";

/** They change only when the server is started again. */
const EVERY_MS = 30_000;

export function Settings(): VNode {
  const text = t().console.settings;
  const seen = usePoller(() => api.admin.settings(), EVERY_MS, "");
  const found = seen.answer.value;
  return (
    <section class="card stack" aria-labelledby="settings">
      <h2 id="settings">{text.title}</h2>
      <p class="hint">{text.hint}</p>
      {seen.refusal.value !== null && <Failure>{refusalText(seen.refusal.value)}</Failure>}
      {found !== null && (
        <details>
          <summary>{text.show(found.settings.length)}</summary>
          <CardTable labelledBy="settings" columns={[text.key, text.value, text.about]}>
            {found.settings.map((one) => (
              <Row key={one.key} one={one} />
            ))}
          </CardTable>
        </details>
      )}
    </section>
  );
}

function Row({ one }: { readonly one: Setting }): VNode {
  const text = t().console.settings;
  return (
    <tr data-setting={one.key}>
      <th scope="row">
        <code dir="ltr">{one.key}</code>
        <br />
        <code class="hint" dir="ltr">
          {one.variable}
        </code>
      </th>
      <td data-label={text.value}>
        {one.value === null ? (
          <span class="hint">{valueText(one)}</span>
        ) : (
          <code dir="ltr">{one.value}</code>
        )}
      </td>
      <td data-label={text.about}>
        {/* The words of the program's own documentation. */}
        <span lang="en" dir="ltr">
          {one.about}
        </span>
      </td>
    </tr>
  );
}

/** Of what has no value to be shown. */
export function valueText({ secret, set }: Pick<Setting, "secret" | "set">): string {
  const text = t().console.settings;
  if (!set) return text.unset;
  return secret ? text.secret : "";
}

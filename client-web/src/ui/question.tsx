// One question of consent. Both answers have the same size, colour and weight, and nothing is
// preselected.

import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";

import type { Pick } from "../consent/draft";
import type { Purpose } from "../crypto/will";
import { t } from "../i18n";
import { info } from "./info";

/** What the others learn of a no: only of recording, and only where the server is set so. */
function whatOthersSee(purpose: Purpose): string | null {
  const text = t().consent;
  if (purpose === "training") return text.othersHidden;
  if (info.value === null) return null;
  return info.value.shows_names ? text.othersShown : text.othersHidden;
}

interface Props {
  readonly purpose: Purpose;
  readonly picked: Pick;
  readonly onPick: (pick: Pick) => void;
  /** Whether there is a pick that has not been sent and can be taken back. */
  readonly clearable: boolean;
  /** Why yes cannot be picked now; the answers look the same all the same. */
  readonly noYes?: string | null;
  readonly children?: ComponentChildren;
}

export function Question({
  children,
  clearable,
  noYes = null,
  onPick,
  picked,
  purpose,
}: Props): VNode {
  const id = useId();
  const text = t().consent;
  const words = text[purpose];
  const others = whatOthersSee(purpose);
  return (
    <fieldset
      class="question"
      data-purpose={purpose}
      aria-describedby={noYes === null ? undefined : `${id}-why`}
    >
      <legend>{words.question}</legend>
      <div class="answers">
        {(["yes", "no"] as const).map((answer) => (
          <label class="answer">
            <input
              type="radio"
              name={id}
              value={answer}
              checked={picked === answer}
              aria-disabled={answer === "yes" && noYes !== null}
              aria-labelledby={`${id}-${answer}-word`}
              aria-describedby={`${id}-${answer}`}
              onClick={(event) => {
                if (answer === "yes" && noYes !== null) event.preventDefault();
                else onPick(answer);
              }}
            />
            <span id={`${id}-${answer}-word`} class="answer-word">
              {t().common[answer]}
            </span>
            <span id={`${id}-${answer}`} class="answer-means">
              {words[answer]}
              {answer === "no" && others !== null && ` ${others}`}
            </span>
          </label>
        ))}
      </div>
      <div class="question-foot">
        {noYes !== null && (
          <p id={`${id}-why`} class="hint">
            {noYes}
          </p>
        )}
        {children}
        {clearable && (
          <button
            type="button"
            class="link"
            onClick={() => {
              onPick(null);
            }}
          >
            {text.clear}
          </button>
        )}
      </div>
    </fieldset>
  );
}

import { describe, expect, it } from "vitest";

import { Draft, NOTHING_SAID, withdraw } from "../../src/consent/draft";
import type { Wish } from "../../src/crypto/statement";
import { mayFollow, WILLS } from "../../src/crypto/will";

function draft(recording: "yes" | "no" | null, training: "yes" | "no" | null): Draft {
  const made = new Draft();
  made.pick("recording", recording);
  made.pick("training", training);
  return made;
}

describe("a draft", () => {
  it("changes nothing where nothing is picked", () => {
    expect(draft(null, null).changes(NOTHING_SAID)).toBe(false);
    expect(draft(null, null).wish({ recording: "yes", training: "no" })).toEqual({
      recording: "yes",
      training: "no",
    });
  });

  it("says what was picked", () => {
    expect(draft("yes", "yes").wish(NOTHING_SAID)).toEqual({ recording: "yes", training: "yes" });
    expect(draft("no", null).wish(NOTHING_SAID)).toEqual({
      recording: "no",
      training: "unanswered",
    });
  });

  it("never says yes to training without a yes to recording", () => {
    for (const recording of [null, "no"] as const) {
      const made = draft(recording, "yes");
      expect(made.allowsTraining(NOTHING_SAID)).toBe(false);
      expect(made.wish(NOTHING_SAID).training).toBe("unanswered");
    }
    expect(draft(null, "yes").wish({ recording: "yes", training: "unanswered" }).training).toBe(
      "yes",
    );
  });

  it("gives only what may follow, whatever came before", () => {
    for (const recording of WILLS) {
      for (const training of WILLS) {
        if (training === "yes" && recording !== "yes") continue;
        const before: Wish = { recording, training };
        for (const first of [null, "yes", "no"] as const) {
          for (const second of [null, "yes", "no"] as const) {
            // What has been withdrawn from training is not asked again.
            if (training === "withdrawn" && second !== null) continue;
            const after = draft(first, second).wish(before);
            expect(mayFollow("recording", before.recording, after.recording)).toBe(true);
            expect(mayFollow("training", before.training, after.training)).toBe(true);
            expect(after.training === "yes" && after.recording !== "yes").toBe(false);
          }
        }
      }
    }
  });

  it("withdraws training together with recording", () => {
    const both: Wish = { recording: "yes", training: "yes" };
    expect(withdraw(both, "recording")).toEqual({ recording: "withdrawn", training: "withdrawn" });
    expect(withdraw(both, "training")).toEqual({ recording: "yes", training: "withdrawn" });
    expect(withdraw({ recording: "yes", training: "no" }, "recording")).toEqual({
      recording: "withdrawn",
      training: "no",
    });
  });
});

// What a person wants for one purpose, and what may follow what (FORMAT.md, section 6).

export const WILLS = ["unanswered", "yes", "no", "withdrawn"] as const;
export type Will = (typeof WILLS)[number];
export type Purpose = "recording" | "training";

const BEFORE_YES: readonly Will[] = ["unanswered", "yes", "no"];
const AFTER_YES: readonly Will[] = ["yes", "withdrawn"];

// "A "yes" MUST NOT become "no" or "unanswered"", ""withdrawn" MUST follow a "yes" … (or
// "withdrawn")". After "withdrawn" recording "MAY become "yes" again"; training "MUST stay
// "withdrawn": the key is gone".
const FOLLOWING: Record<Will, readonly Will[]> = {
  unanswered: BEFORE_YES,
  no: BEFORE_YES,
  yes: AFTER_YES,
  withdrawn: AFTER_YES,
};

export function mayFollow(purpose: Purpose, before: Will, after: Will): boolean {
  if (purpose === "training" && before === "withdrawn") return after === "withdrawn";
  return FOLLOWING[before].includes(after);
}

/** What saying yes or no means for somebody whose will is `before`. */
export function said(before: Will, choice: "yes" | "no"): Will {
  if (choice === "yes") return "yes";
  return before === "yes" || before === "withdrawn" ? "withdrawn" : "no";
}

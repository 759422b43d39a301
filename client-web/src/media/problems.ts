// Why a device gives nothing, as far as browsers tell.

export type DeviceProblem =
  | "refused" // the person, the browser or the system does not allow it
  | "in-use" // another program has it
  | "none" // there is none
  | "gone" // it was unplugged
  | "insecure" // browsers give devices only to HTTPS pages and localhost
  | "other";

export function problemOf(error: unknown): DeviceProblem {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotReadableError":
    case "AbortError":
      return "in-use";
    case "NotFoundError":
    case "OverconstrainedError":
      return "none";
    default:
      return "other";
  }
}

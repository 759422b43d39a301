// What a link of ours is, cut out of what arrives of one. Programs that pass links on add full stops
// and brackets, break them in two, spell `#` as `%23`; people paste them twice. All pages read their
// address here, and nowhere else.
//
// Either it is clear which link it was, or it is said what is wrong with it. Nothing is guessed: a
// secret that is not certain to be the one that was sent is never used, for of a personal link it
// would be another person's key, and of an invitation it would be told to the server.

import { tryDecode } from "./crypto/bytes";
import { MEETING_BYTES } from "./crypto/suite";

export type LinkKind = "meeting" | "receipt" | "invitation" | "password";

/** What is wrong: too short, or more in it than belongs there. */
export type LinkProblem = "cut-off" | "altered";

export interface Link {
  readonly kind: LinkKind;
  /** Meeting id, base64url; of meetings and receipts. */
  readonly meeting: string | null;
  /** What stands after `#`, where it is whole. */
  readonly secret: string | null;
  readonly problem: LinkProblem | null;
  /** Whether the secret was in the path, so that it was sent to the server. */
  readonly sent: boolean;
}

const PATHS: Readonly<Record<string, LinkKind>> = {
  m: "meeting",
  r: "receipt",
  invitation: "invitation",
  password: "password",
};
const SECRET_BYTES: Readonly<Record<LinkKind, number>> = {
  meeting: 64,
  receipt: 32,
  invitation: 32,
  password: 56,
};

/** Read an address; null where it is none of these, `cut-off` or `altered` where it was once. */
export function readLink(path: string, hash: string): Link | LinkProblem | null {
  const whole = plain(path + hash);
  const found = /^\/+(m|r|invitation|password)(?![\w-])(.*)$/su.exec(whole);
  const [, name = "", after = ""] = found ?? [];
  const kind = PATHS[name];
  if (kind === undefined) return null;
  if (kind === "invitation" || kind === "password") {
    return { kind, meeting: null, ...secretIn(after, kind, null), sent: wasSent(kind, hash) };
  }
  const id = cut(after.replace(/^[^\w-]+/u, ""), MEETING_BYTES);
  if (typeof id === "string") return /[\w-]/u.test(after) ? id : null;
  const { head: meeting, tail } = id;
  return { kind, meeting, ...secretIn(tail, kind, meeting), sent: wasSent(kind, hash) };
}

/** The address of a link, without anything that does not belong to it. */
export function addressOf({ kind, meeting, secret }: Link): string {
  const [name = ""] = Object.entries(PATHS).find(([, one]) => one === kind) ?? [];
  const path = meeting === null ? `/${name}` : `/${name}/${meeting}`;
  return secret === null ? path : `${path}#${secret}`;
}

function wasSent(kind: LinkKind, hash: string): boolean {
  return secretIn(plain(hash), kind, null).secret === null;
}

/** Without what cannot be seen, and with every character spelt as itself. */
function plain(text: string): string {
  let spelt = text;
  for (let turn = 0; turn < 3; turn += 1) {
    spelt = spelt.replace(/(?:%[0-9a-f]{2})+/giu, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return " ";
      }
    });
  }
  // Line ends, zero-width characters, soft hyphens, marks of direction.
  return spelt.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "");
}

/** Take so many bytes' letters off the front, if that is where they end. */
function cut(text: string, bytes: number): { head: string; tail: string } | LinkProblem {
  const length = Math.ceil((bytes * 4) / 3);
  const [run = ""] = /^[\w-]*/u.exec(text) ?? [];
  if (run.length < length) return "cut-off";
  const head = run.slice(0, length);
  const rest = run.slice(length);
  const tail = text.slice(length);
  const ends =
    rest === "" ||
    /^[-_]+$/u.test(rest) || // as around slanted words; no spelling of whole bytes ends so
    /^https?:\/\//u.test(tail) || // pasted twice
    rest === head;
  return ends && tryDecode(head, bytes) !== null ? { head, tail } : "altered";
}

function secretIn(
  text: string,
  kind: LinkKind,
  meeting: string | null,
): { secret: string | null; problem: LinkProblem | null } {
  const bytes = SECRET_BYTES[kind];
  const length = Math.ceil((bytes * 4) / 3);
  for (const { 0: run, index } of text.matchAll(/[\w-]+/gu)) {
    if (run.length < length) continue;
    // What stands before it is decoration, or the same link once more; not the beginning of another.
    if (!leadsTo(text.slice(0, index), kind, meeting)) return { secret: null, problem: "altered" };
    const found = cut(text.slice(index), bytes);
    if (typeof found === "string") return { secret: null, problem: found };
    const { head, tail } = found;
    // Two that differ, or one that runs into the next: part of it may be another's.
    const runs = tail.match(/[\w-]+/gu) ?? [];
    const another = runs.some((one) => one.length >= length && !one.startsWith(head));
    return another || tail.startsWith("://")
      ? { secret: null, problem: "altered" }
      : { secret: head, problem: null };
  }
  // Broken in two on its way.
  const joined = text.trim().replace(/^[^\w-]+|[^\w-]+$/gu, "");
  const together = joined.replace(/\s+/gu, "");
  if (/^[\w-]+$/u.test(together) && together.length === length) {
    return tryDecode(together, bytes) === null
      ? { secret: null, problem: "altered" }
      : { secret: together, problem: null };
  }
  return { secret: null, problem: /[\w-]/u.test(text) ? "cut-off" : null };
}

function leadsTo(before: string, kind: LinkKind, meeting: string | null): boolean {
  for (const [, name = "", id = ""] of before.matchAll(
    /\/(m|r|invitation|password)(?:\/([\w-]+))?(?![\w-])/gu,
  )) {
    if (PATHS[name] !== kind) return false;
    if (meeting !== null && id !== meeting) return false;
  }
  return true;
}

let opened: Link | LinkProblem | null | undefined;

/** The link that this page was opened with; the address bar is put right. */
export function openedLink(): Link | LinkProblem | null {
  if (opened !== undefined) return opened;
  opened = readLink(location.pathname, location.hash);
  if (opened !== null && typeof opened === "object" && opened.problem === null) {
    const address = addressOf(opened);
    if (address !== location.pathname + location.hash) {
      history.replaceState(history.state, "", address);
    }
  }
  return opened;
}

/** The same, where the page is shown for links of one kind only. */
export function openedLinkOf(kind: LinkKind): Link | null {
  const link = openedLink();
  return link !== null && typeof link === "object" && link.kind === kind ? link : null;
}

/** Pasting another link over this one changes only what stands after `#`: the page is begun anew. */
export function onOtherLink(act: () => void): () => void {
  const listener = (): void => {
    if (location.hash !== "") act();
  };
  window.addEventListener("hashchange", listener);
  return () => {
    window.removeEventListener("hashchange", listener);
  };
}

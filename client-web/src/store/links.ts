// The join secrets of meetings made in this browser. The server shows one only once; keeping it here
// lets the host copy the link again later.

const KEY = "assent.links";
/** The newest so many are kept. */
const MOST = 100;

type Links = [meeting: string, secret: string][];

function read(): Links {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? (stored as Links) : [];
  } catch {
    return []; // storage is refused, or holds something else
  }
}

export function keepLink(meeting: string, secret: string): void {
  const links: Links = [[meeting, secret], ...read().filter(([known]) => known !== meeting)];
  try {
    localStorage.setItem(KEY, JSON.stringify(links.slice(0, MOST)));
  } catch {
    // Storage is full or refused: a new link can always be made.
  }
}

export function joinLink(meeting: string): string | null {
  const secret = read().find(([known]) => known === meeting)?.[1];
  return secret === undefined ? null : `${location.origin}/m/${meeting}#${secret}`;
}

// How a browser comes by a seat: it has one already, or exchanges what opens the door for one, or
// belongs to the meeting's host. Everything the server says about the meeting is checked against the
// charter, and that against the room that the link pins, before anybody is asked anything.

import { Refused } from "../api/errors";
import { api } from "../api/http";
import type { Info, Notice, Seat } from "../api/types";
import { type Bytes, decode, encode, tryDecode } from "../crypto/bytes";
import { type Charter, parseCharter } from "../crypto/charter";
import { CryptoError, FormatError } from "../crypto/errors";
import { doorOf, type LinkSecret, parseFragment } from "../crypto/link-secret";
import { checkNotice, checkVaultKey } from "../crypto/record";
import { parseRoom, type RoomDocument, type WrongRoom, wrongRoom } from "../crypto/room";
import { DIGEST_BYTES, MEETING_BYTES } from "../crypto/suite";
import type { VaultKey } from "../crypto/vault-key";
import { keptLink } from "../store/links";
import { oneAtATime } from "../store/lock";
import type { SeatStore, StoredLink, StoredSeat } from "../store/seats";

export interface Words {
  readonly digest: Bytes;
  readonly language: string;
  readonly text: string;
}

export interface Entrance {
  readonly seat: StoredSeat;
  readonly charter: Charter;
  readonly room: RoomDocument;
  readonly vaultKey: VaultKey | null;
  readonly words: readonly Words[];
  readonly info: Info;
  readonly build: Bytes;
}

/** Why there is no way in that the server would know of. */
export type NoWay = "incomplete-link" | "untrue" | WrongRoom;

export class NoEntrance extends Error {
  override readonly name = "NoEntrance";
  readonly reason: NoWay;

  constructor(reason: NoWay, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** Where the seat of a meeting is found, taken and kept, one page does so at a time. */
export function seatLock(meeting: string): string {
  return `seat ${meeting}`;
}

/** Find or take a seat; rejects with NoEntrance or Refused. */
export function enter(...[meeting, ...rest]: Parameters<typeof findOrTake>): Promise<Entrance> {
  return oneAtATime(seatLock(meeting), () => findOrTake(meeting, ...rest));
}

async function findOrTake(
  meeting: string,
  fragment: string | null,
  store: SeatStore,
  name: string,
  now: number,
): Promise<Entrance> {
  if (tryDecode(meeting, MEETING_BYTES) === null) throw new Refused("meeting-not-found");
  const stored = await store.find(meeting);
  const info = await api.info();
  const link = fragment === null ? null : linkIn(fragment);
  if (stored !== null && stored.enrolment !== null) return await check(stored, info, link);
  let seat: Seat;
  let came: StoredLink | null;
  try {
    ({ came, seat } = await takeSeat(meeting, link, fragment));
  } catch (error) {
    // The seat of an earlier visit is as good, where the link has been used up or is gone.
    if (stored === null || !(error instanceof NoEntrance)) throw error;
    return await check(stored, info, link);
  }
  const fresh: StoredSeat = {
    meeting,
    token: seat.token,
    host: seat.host,
    title: seat.meeting.title,
    charter: seat.charter,
    room: seat.room,
    link: came,
    vaultKey: seat.vault_key,
    notices: seat.notices,
    nameLimit: seat.limits.name,
    name,
    seed: null,
    salt: null,
    enrolment: null,
    savedAt: now,
  };
  const entrance = await check(fresh, info, link);
  const kept = await store.adopt(fresh);
  // Somebody has asked to be let in here meanwhile: it is the same person.
  return kept.token === fresh.token ? entrance : await check(kept, info, link);
}

/** Take a seat; with the link that it was come by, which a host's browser may have kept. */
async function takeSeat(
  meeting: string,
  link: LinkSecret | null,
  fragment: string | null,
): Promise<{ seat: Seat; came: StoredLink | null }> {
  const { account } = await api.me();
  if (account !== null) {
    try {
      const seat = await api.hostSeat(meeting);
      const kept = keptLink(meeting);
      if (fragment === null || kept?.fragment === fragment) return { seat, came: kept };
      return { seat, came: { fragment, ordinal: seat.ordinal } };
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "forbidden") throw error;
    }
  }
  if (link === null || fragment === null) throw new NoEntrance("incomplete-link");
  const seat = await api.seat(meeting, encode(await doorOf(link)));
  return { seat, came: { fragment, ordinal: seat.ordinal } };
}

function linkIn(fragment: string): LinkSecret {
  try {
    return parseFragment(fragment);
  } catch (error) {
    throw new NoEntrance("incomplete-link", { cause: error });
  }
}

/** Check what a seat came with; whatever does not fit is a lie, or a server gone wrong. */
async function check(seat: StoredSeat, info: Info, opened: LinkSecret | null): Promise<Entrance> {
  try {
    const charter = await parseCharter(decode(seat.charter));
    const room = await parseRoom(decode(seat.room));
    // By the link that this page was opened with, and by that which the seat was taken with.
    const came = seat.link === null ? null : parseFragment(seat.link.fragment);
    for (const link of [opened, came]) {
      const wrong = wrongRoom(charter, room, link?.room ?? null);
      if (wrong !== null) throw new NoEntrance(wrong);
    }
    if (encode(charter.meeting) !== seat.meeting) {
      throw new FormatError("meeting", "is another meeting");
    }
    const words = await Promise.all(seat.notices.map((notice) => checkWords(notice, charter)));
    if (words.length === 0) throw new FormatError("notices", "are missing");
    const vaultKey = await checkVaultKey(seat.vaultKey, charter);
    return { seat, charter, room, vaultKey, words, info, build: decode(info.build, DIGEST_BYTES) };
  } catch (error) {
    if (error instanceof CryptoError) throw new NoEntrance("untrue", { cause: error });
    throw error;
  }
}

async function checkWords(notice: Notice, charter: Charter): Promise<Words> {
  const { language, text } = notice;
  return { digest: await checkNotice(notice, charter), language, text };
}

/** The words in the first of these languages that there are; `exact` tells whether it is one. */
export function wordsFor(
  words: readonly Words[],
  languages: readonly string[],
): { words: Words; exact: boolean } {
  for (const language of languages) {
    const [base] = language.toLowerCase().split("-");
    const found =
      words.find((one) => one.language.toLowerCase() === language.toLowerCase()) ??
      words.find((one) => one.language.toLowerCase().split("-")[0] === base);
    if (found !== undefined) return { words: found, exact: true };
  }
  const fallback = words.find(({ language }) => language.startsWith("en")) ?? words[0];
  if (fallback === undefined) throw new Error("a meeting has a notice in at least one language");
  return { words: fallback, exact: false };
}

// The charter: what may be asked in a meeting, fixed when it is created (FORMAT.md, section 4).

import { type Bytes, equal } from "./bytes";
import { read } from "./document";
import { DIGEST_BYTES, digest, MEETING_BYTES } from "./suite";

const TYPE = "assent/charter/v2";
const MAX_BYTES = 4 * 1024;
export const MAX_RETENTION_DAYS = 36_500;
export const MAX_COOLING_OFF_SECONDS = 366 * 24 * 60 * 60;
/** The mode of every meeting that there can be now: the server relays what it can open. */
export const RELAYED = "relayed";
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Charter {
  readonly meeting: Bytes;
  /** Digest of the room document, which the link pins. */
  readonly room: Bytes;
  readonly mode: typeof RELAYED;
  readonly created: number;
  readonly recording: boolean;
  readonly training: boolean;
  readonly waitingRoom: boolean;
  /** When the meeting is over at the latest; Unix milliseconds. */
  readonly expires: number;
  readonly retentionDays: number;
  readonly coolingOffSeconds: number;
  readonly noticeVersion: number;
  /** By language, the digest of the words in force. */
  readonly notices: ReadonlyMap<string, Bytes>;
  /** The vault identity, which vouches for the meeting's vault key. */
  readonly vault: Bytes;
  readonly server: Bytes;
  readonly digest: Bytes;
}

export async function parseCharter(body: Bytes): Promise<Charter> {
  const fields = read(body, TYPE, MAX_BYTES, [
    "meeting",
    "room",
    "mode",
    "created",
    "recording",
    "training",
    "waiting_room",
    "expires",
    "retention_days",
    "cooling_off_seconds",
    "notice",
    "vault",
    "server",
  ]);
  // Nothing here can do another, and what is sent would not be what was promised.
  fields.exactly("mode", RELAYED);
  const notice = fields.child("notice").only(["version", "texts"]);
  const recording = fields.boolean("recording");
  const training = fields.boolean("training");
  // "`training` MUST be false where `recording` is false."
  if (training && !recording) fields.fail("training", "is offered without recording");
  const created = fields.integer("created");
  return {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    room: fields.bytes("room", DIGEST_BYTES),
    mode: RELAYED,
    created,
    recording,
    training,
    waitingRoom: fields.boolean("waiting_room"),
    expires: fields.integer("expires", created),
    retentionDays: fields.integer("retention_days", 1, MAX_RETENTION_DAYS),
    coolingOffSeconds: fields.integer("cooling_off_seconds", 0, MAX_COOLING_OFF_SECONDS),
    noticeVersion: notice.integer("version", 1),
    notices: notice.bytesByLanguage("texts", DIGEST_BYTES),
    vault: fields.signPublic("vault"),
    server: fields.signPublic("server"),
    digest: await digest(body),
  };
}

/** When the recording must be gone at the latest, by what was signed; Unix milliseconds. */
export function keptUntil(charter: Charter, ended: number | null): number {
  return Math.min(charter.expires, ended ?? charter.expires) + charter.retentionDays * DAY_MS;
}

/** Whether these are words that people of this meeting can agree to. */
export function inForce(charter: Charter, notice: Bytes): boolean {
  return [...charter.notices.values()].some((one) => equal(one, notice));
}

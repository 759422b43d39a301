// The charter: what may be asked in a meeting, fixed when it is created (FORMAT.md, section 4).

import { type Bytes, equal } from "./bytes";
import { read } from "./document";
import { DIGEST_BYTES, digest, MEETING_BYTES, SIGN_PUBLIC_BYTES } from "./suite";

const TYPE = "assent/charter/v1";
const MAX_BYTES = 4 * 1024;

export interface Charter {
  readonly meeting: Bytes;
  readonly created: number;
  readonly recording: boolean;
  readonly training: boolean;
  readonly waitingRoom: boolean;
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
    "created",
    "recording",
    "training",
    "waiting_room",
    "notice",
    "vault",
    "server",
  ]);
  const notice = fields.child("notice").only(["version", "texts"]);
  const recording = fields.boolean("recording");
  const training = fields.boolean("training");
  // "`training` MUST be false where `recording` is false."
  if (training && !recording) fields.fail("training", "is offered without recording");
  return {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    created: fields.integer("created"),
    recording,
    training,
    waitingRoom: fields.boolean("waiting_room"),
    noticeVersion: notice.integer("version"),
    notices: notice.bytesByLanguage("texts", DIGEST_BYTES),
    vault: fields.bytes("vault", SIGN_PUBLIC_BYTES),
    server: fields.bytes("server", SIGN_PUBLIC_BYTES),
    digest: await digest(body),
  };
}

/** Whether these are words that people of this meeting can agree to. */
export function inForce(charter: Charter, notice: Bytes): boolean {
  return [...charter.notices.values()].some((one) => equal(one, notice));
}

// The room document: what the link of a meeting pins (FORMAT.md, section 4). The browser that makes a
// meeting composes it; every other one refuses what is not in the link, and what is wider.

import { type Bytes, encode, equal } from "./bytes";
import { type Charter, MAX_COOLING_OFF_SECONDS, MAX_RETENTION_DAYS, RELAYED } from "./charter";
import { read, write } from "./document";
import { digest, SUITE_2 } from "./suite";

const TYPE = "assent/room/v2";
const MAX_BYTES = 2 * 1024;
const RANDOM_BYTES = 32;

export const MODES = ["end-to-end", RELAYED] as const;
export type Mode = (typeof MODES)[number];

/** What a room allows; the numbers are bounds. */
export interface RoomTerms {
  /** Ed25519 public key that certifies hosts. */
  readonly host: Bytes;
  readonly mode: Mode;
  readonly recording: boolean;
  readonly training: boolean;
  readonly waitingRoom: boolean;
  readonly retentionDays: number;
  readonly coolingOffSeconds: number;
  readonly vault: Bytes;
  readonly server: Bytes;
  /** 32 bytes, so that no two rooms are one. */
  readonly random: Bytes;
}

export interface RoomDocument extends RoomTerms {
  readonly body: Bytes;
  readonly digest: Bytes;
}

/** Why a page does not go in, in the words of FORMAT.md. */
export type WrongRoom = "other-room" | "wider-charter";

export function composeRoom(terms: RoomTerms): Promise<RoomDocument> {
  return parseRoom(
    write({
      type: TYPE,
      suite: SUITE_2,
      host: encode(terms.host),
      mode: terms.mode,
      recording: terms.recording,
      training: terms.training,
      waiting_room: terms.waitingRoom,
      retention_days: terms.retentionDays,
      cooling_off_seconds: terms.coolingOffSeconds,
      vault: encode(terms.vault),
      server: encode(terms.server),
      random: encode(terms.random),
    }),
  );
}

export async function parseRoom(body: Bytes): Promise<RoomDocument> {
  const fields = read(body, TYPE, MAX_BYTES, [
    "suite",
    "host",
    "mode",
    "recording",
    "training",
    "waiting_room",
    "retention_days",
    "cooling_off_seconds",
    "vault",
    "server",
    "random",
  ]);
  fields.exactly("suite", SUITE_2);
  const recording = fields.boolean("recording");
  const training = fields.boolean("training");
  // "`training` MUST be false where `recording` is."
  if (training && !recording) fields.fail("training", "is offered without recording");
  return {
    host: fields.signPublic("host"),
    mode: fields.choice("mode", MODES),
    recording,
    training,
    waitingRoom: fields.boolean("waiting_room"),
    retentionDays: fields.integer("retention_days", 1, MAX_RETENTION_DAYS),
    coolingOffSeconds: fields.integer("cooling_off_seconds", 0, MAX_COOLING_OFF_SECONDS),
    vault: fields.signPublic("vault"),
    server: fields.signPublic("server"),
    random: fields.bytes("random", RANDOM_BYTES),
    body,
    digest: await digest(body),
  };
}

/** Why a charter is not to be believed in a room; `pinned` is the digest in the link, if there is one. */
export function wrongRoom(
  charter: Charter,
  room: RoomDocument,
  pinned: Bytes | null,
): WrongRoom | null {
  if (pinned !== null && !equal(room.digest, pinned)) return "other-room";
  if (!equal(room.digest, charter.room)) return "other-room";
  const wider =
    charter.mode !== room.mode ||
    !equal(charter.vault, room.vault) ||
    !equal(charter.server, room.server) ||
    (charter.recording && !room.recording) ||
    (charter.training && !room.training) ||
    (!charter.waitingRoom && room.waitingRoom) ||
    charter.retentionDays > room.retentionDays ||
    charter.coolingOffSeconds < room.coolingOffSeconds;
  return wider ? "wider-charter" : null;
}

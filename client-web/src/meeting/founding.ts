// Founding: what the browser that makes a meeting draws and composes. The room document, the host key and
// the secret of the link are made here, and the server is told the first and a digest of a part of the last.

import { api } from "../api/http";
import type { Meeting } from "../api/types";
import { decode, encode } from "../crypto/bytes";
import { FormatError } from "../crypto/errors";
import {
  doorOf,
  drawLink,
  fragmentOf,
  type LinkSecret,
  parseFragment,
} from "../crypto/link-secret";
import { composeRoom, MODES } from "../crypto/room";
import { digest, random, SIGN_PUBLIC_BYTES, signer } from "../crypto/suite";
import { keepLink, keptLink } from "../store/links";
import { oneAtATime } from "../store/lock";
import type { RoomStore } from "../store/rooms";
import type { StoredLink } from "../store/seats";

const KEY_BYTES = 32;

export interface Wish {
  readonly title: string;
  readonly recording: boolean;
  readonly training: boolean;
  readonly waitingRoom: boolean;
  readonly lifetimeHours: number;
}

/** Make a meeting in a room of its own; rejects with Refused. */
export async function found(
  wish: Wish,
  store: RoomStore,
  now: number,
): Promise<{ meeting: Meeting; link: StoredLink }> {
  const terms = await api.terms();
  const mode = MODES.find((one) => one === terms.mode);
  if (mode === undefined) throw new FormatError("mode", "is none that there is");
  const host = random(KEY_BYTES);
  const room = await composeRoom({
    host: (await signer(host)).publicKey,
    mode,
    recording: wish.recording,
    training: wish.recording && wish.training,
    waitingRoom: wish.waitingRoom,
    retentionDays: terms.retention_days,
    coolingOffSeconds: terms.cooling_off_seconds,
    vault: decode(terms.vault, SIGN_PUBLIC_BYTES),
    server: decode(terms.server, SIGN_PUBLIC_BYTES),
    random: random(KEY_BYTES),
  });
  // Kept before there is a meeting that needs it. A browser that keeps nothing can have one all the
  // same: whoever it makes a host is one to the server only.
  await store.keep({ room: encode(room.digest), host, savedAt: now }).catch(() => undefined);
  const secret = drawLink(room.digest);
  const { meeting } = await api.createMeeting({
    title: wish.title,
    lifetime_hours: wish.lifetimeHours,
    room: encode(room.body),
    door: await doorDigest(secret),
  });
  const link = { fragment: fragmentOf(secret), ordinal: 1 };
  keepLink(meeting.id, link);
  return { meeting, link };
}

/** Make another link for a meeting whose link this browser has; the old one ends. Null where it has none. */
export function renewLink(meeting: string): Promise<StoredLink | null> {
  // The newest link is the one that is kept, whichever page has asked for it.
  return oneAtATime(`link ${meeting}`, async () => {
    const kept = keptLink(meeting);
    if (kept === null) return null;
    // Of a room that this browser knows from no link, the server would choose what is pinned.
    const secret = drawLink(parseFragment(kept.fragment).room);
    const { ordinal } = await api.newLink(meeting, await doorDigest(secret));
    const link = { fragment: fragmentOf(secret), ordinal };
    keepLink(meeting, link);
    return link;
  });
}

async function doorDigest(secret: LinkSecret): Promise<string> {
  return encode(await digest(await doorOf(secret)));
}

// The little that has to be read from session descriptions.

import { type BrowserSource, CODECS, SOURCES } from "../signalling/tracks";

/** The session id of the `o=` line: a new one means a new connection at the server. */
export function sessionId(sdp: string): string {
  return /^o=\S+ (\S+) /m.exec(sdp)?.[1] ?? "";
}

// In the order in which they are offered; the server takes the first that everybody has.
const SOUND = mimeTypes(false);
// What is spoken is offered redundantly first: what stands first is what is sent. Without speech
// it would be twice the bits for nothing.
const VOICE = ["audio/red", ...SOUND];
const VIDEO = [...mimeTypes(true), "video/rtx"];

/** Of what a browser could send, what this server forwards (PROTOCOL.md, section 4). */
export function usable(source: BrowserSource, codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const { video, voice } = SOURCES[source];
  const wanted = video ? VIDEO : voice ? VOICE : SOUND;
  const rank = (codec: RTCRtpCodec): number => wanted.indexOf(codec.mimeType.toLowerCase());
  return codecs.filter((codec) => rank(codec) >= 0).sort((one, other) => rank(one) - rank(other));
}

function mimeTypes(video: boolean): string[] {
  return Object.values(CODECS)
    .filter((codec) => codec.video === video)
    .map(({ mimeType }) => mimeType);
}

// The little that has to be read from session descriptions.

import type { PublishedTrack } from "../signalling/messages";

/** The session id of the `o=` line: a new one means a new connection at the server. */
export function sessionId(sdp: string): string {
  return /^o=\S+ (\S+) /m.exec(sdp)?.[1] ?? "";
}

// What is spoken is offered redundantly first: what stands first is what is sent. Without speech
// it would be twice the bits for nothing.
const VOICE = ["audio/red", "audio/opus"];
const SOUND = ["audio/opus"];
// In the order in which they are offered; the server takes the first that everybody has. Only the
// first two are sent in layers.
const VIDEO = ["video/vp8", "video/h264", "video/vp9", "video/av1", "video/rtx"];

/** Of what a browser could send, what this server forwards (PROTOCOL.md, section 4). */
export function usable(
  source: PublishedTrack["source"],
  codecs: readonly RTCRtpCodec[],
): RTCRtpCodec[] {
  const wanted = source === "microphone" ? VOICE : source === "screen-audio" ? SOUND : VIDEO;
  const rank = (codec: RTCRtpCodec): number => wanted.indexOf(codec.mimeType.toLowerCase());
  return codecs.filter((codec) => rank(codec) >= 0).sort((one, other) => rank(one) - rank(other));
}

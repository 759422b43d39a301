// The little that has to be read from session descriptions.

/** The session id of the `o=` line: a new one means a new connection at the server. */
export function sessionId(sdp: string): string {
  return /^o=\S+ (\S+) /m.exec(sdp)?.[1] ?? "";
}

const AUDIO = ["audio/opus"];
const VIDEO = ["video/vp8", "video/rtx"];

/** Of what a browser could send, what this server forwards (PROTOCOL.md, section 4). */
export function usable(kind: "audio" | "video", codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const wanted = kind === "audio" ? AUDIO : VIDEO;
  return codecs.filter((codec) => wanted.includes(codec.mimeType.toLowerCase()));
}

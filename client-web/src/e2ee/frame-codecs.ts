// Which codecs can be protected, as browsers name them: all others are refused.

import type { FrameCodec } from "./frame-cipher";

/** `red`: payloads of several frames (RFC 2198). */
export interface Protected {
  readonly codec: FrameCodec;
  readonly red: boolean;
}

const PROTECTED: ReadonlyMap<string, Protected> = new Map([
  ["audio/opus", { codec: "opus", red: false }],
  ["audio/red", { codec: "opus", red: true }],
  ["video/vp8", { codec: "vp8", red: false }],
  ["video/vp9", { codec: "vp9", red: false }],
]);
/** Retransmission sends again what a transform has given; it has no frames of its own. */
const REPEATS = "video/rtx";

/** What of a codec a transform needs to know; null: it cannot be protected. */
export function protection(mimeType: string): Protected | null {
  return PROTECTED.get(mimeType.toLowerCase()) ?? null;
}

/** Whether a codec may be negotiated where all is encrypted. */
export function isProtectable({ mimeType }: { readonly mimeType: string }): boolean {
  return protection(mimeType) !== null || mimeType.toLowerCase() === REPEATS;
}

/** The codecs that were negotiated, by RTP's payload types. */
export function typesOf(codecs: readonly RTCRtpCodecParameters[]): ReadonlyMap<number, string> {
  return new Map(codecs.map(({ mimeType, payloadType }) => [payloadType, mimeType]));
}

// What a browser counts of a line that it sends, out of its statistics.

import type { Tally } from "./frame-guard";

/** Of RTCOutboundRtpStreamStats what is used here. */
interface Outbound {
  readonly type: string;
  readonly ssrc: number;
  readonly kind: string;
  readonly framesSent?: number;
  readonly framesEncoded?: number;
  readonly bytesSent?: number;
  readonly retransmittedBytesSent?: number;
}

/**
 * The streams of a sender, by SSRC. `bytesSent` has no padding in it (W3C,
 * RTCSentRtpStreamStats); of a stream that does not say all that is needed there is none.
 */
export async function countedBy(sender: RTCRtpSender): Promise<ReadonlyMap<number, Tally>> {
  const streams = new Map<number, Tally>();
  (await sender.getStats()).forEach((one: Outbound) => {
    if (one.type !== "outbound-rtp" || one.bytesSent === undefined) return;
    const encoded = Math.max(one.framesSent ?? -1, one.framesEncoded ?? -1);
    if (one.kind !== "audio" && encoded < 0) return;
    const bytes = one.bytesSent - (one.retransmittedBytesSent ?? 0);
    streams.set(one.ssrc, { frames: Math.max(encoded, 0), bytes });
  });
  return streams;
}

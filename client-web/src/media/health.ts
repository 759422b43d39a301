// How good this person's connection is, from what the browser counts on both connections.

/** What is counted, since the connection began. */
export interface Counts {
  readonly received: number;
  readonly lost: number;
  /** Seconds; null where nobody has measured it. */
  readonly roundTrip: number | null;
}

/** Of a hundred packets; Opus and retransmissions hide less than this. */
const LOSS = 0.05;
const ROUND_TRIP = 0.5;
/** Fewer packets than this say nothing. */
const ENOUGH = 50;

/** Whether the connection was weak between two counts. */
export function isWeak(before: Counts, now: Counts): boolean {
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  if (now.roundTrip !== null && now.roundTrip > ROUND_TRIP) return true;
  return received + lost >= ENOUGH && lost / (received + lost) > LOSS;
}

/** Add up what a connection reports; what it sends is counted by what the other end reports. */
export function count(report: RTCStatsReport): Counts {
  let received = 0;
  let lost = 0;
  let roundTrip: number | null = null;
  report.forEach((stats: Record<string, unknown>) => {
    switch (stats["type"]) {
      case "inbound-rtp":
        received += number(stats["packetsReceived"]);
        lost += number(stats["packetsLost"]);
        return;
      case "outbound-rtp":
        received += number(stats["packetsSent"]);
        return;
      case "remote-inbound-rtp":
        received -= number(stats["packetsLost"]);
        lost += number(stats["packetsLost"]);
        return;
      case "candidate-pair":
        if (stats["nominated"] === true && typeof stats["currentRoundTripTime"] === "number") {
          roundTrip = stats["currentRoundTripTime"];
        }
        return;
      default:
    }
  });
  return { received, lost, roundTrip };
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

// Liveness of a connection: whether anything still arrives, judged by what the browser has counted.
//
// A network that is gone says nothing: packets stop. Browsers call a connection "disconnected" only
// after several seconds, for lines that carry next to nothing must not be given up. What has been
// arriving all the time, many times a second, and then stops, is told much sooner.

/** So many looks with something new, one after the other, make a connection that is known to be steady. */
const STEADY = 8;
/** Two looks that are further apart say nothing of the time between them. */
const APART_MS = 1500;

export class Liveness {
  #octets = -1;
  #steady = 0;
  #silent = false;
  #takenAt = -Infinity;
  #beatAt = -Infinity;

  /** Take how many octets have arrived so far, at a time in milliseconds; null: no connection. */
  take(octets: number | null, now: number): void {
    const before = this.#octets;
    const first = before < 0 || now - this.#takenAt > APART_MS;
    this.#octets = octets ?? -1;
    this.#takenAt = now;
    if (octets === null || octets < before || first) {
      this.#steady = 0;
      this.#silent = false;
      return;
    }
    if (octets > before) {
      if (this.#silent) this.#steady = 0;
      this.#steady += 1;
      this.#silent = false;
      this.#beatAt = now;
    } else {
      if (!this.isSteady) this.#steady = 0;
      this.#silent = true;
    }
  }

  /** Whether what arrives here tells within one look that the connection lives. */
  get isSteady(): boolean {
    return this.#steady >= STEADY;
  }

  /** Whether a steady connection has stopped. */
  get hasStopped(): boolean {
    return this.isSteady && this.#silent;
  }

  /** Whether something has arrived since then, and goes on to. */
  isAliveSince(then: number): boolean {
    return !this.#silent && this.#beatAt > then;
  }
}

/** How many octets have arrived on a connection, on whatever path. */
export function arrivedOn(report: RTCStatsReport): number {
  let octets = 0;
  report.forEach((stats: Record<string, unknown>) => {
    if (stats["type"] === "candidate-pair" && typeof stats["bytesReceived"] === "number") {
      octets += stats["bytesReceived"];
    }
  });
  return octets;
}

// The stretches of a recording, and the one line they make for whoever watches.
//
// *Meeting time* is in milliseconds since the meeting began, as in the recording, pauses included.
// *Watch time* has the pauses taken out: the stretches follow each other.

export interface Stretch {
  /** Of the generation. */
  readonly number: number;
  /** Meeting time. */
  readonly start: number;
  readonly end: number;
}

export interface Placed extends Stretch {
  /** Where it begins in watch time. */
  readonly at: number;
  /** How long nothing was recorded before it. */
  readonly pause: number;
}

export class Timeline {
  readonly stretches: readonly Placed[];
  /** In watch time. */
  readonly length: number;

  constructor(stretches: readonly Stretch[]) {
    const placed: Placed[] = [];
    let at = 0;
    let before: number | null = null;
    for (const one of [...stretches].sort((left, right) => left.number - right.number)) {
      // Time never goes back, whatever a clock has said.
      const start: number = Math.max(one.start, before ?? 0);
      const end = Math.max(one.end, start);
      placed.push({
        number: one.number,
        start,
        end,
        at,
        pause: before === null ? 0 : start - before,
      });
      at += end - start;
      before = end;
    }
    this.stretches = placed;
    this.length = at;
  }

  /** The stretch that meeting time is in, or the next one after it; null after the last. */
  at(meeting: number): Placed | null {
    return this.stretches.find((one) => meeting < one.end) ?? null;
  }

  /** The one that follows; `stretch` may be of an earlier timeline of the same generations. */
  after(stretch: Stretch): Placed | null {
    return this.stretches.find((one) => one.number > stretch.number) ?? null;
  }

  toWatch(meeting: number): number {
    const stretch = this.at(meeting);
    return stretch === null ? this.length : stretch.at + Math.max(0, meeting - stretch.start);
  }

  toMeeting(watch: number): number {
    const wanted = Math.max(0, watch);
    const stretch = this.stretches.find((one) => wanted < one.at + one.end - one.start);
    if (stretch !== undefined) return stretch.start + wanted - stretch.at;
    return this.stretches.at(-1)?.end ?? 0;
  }
}

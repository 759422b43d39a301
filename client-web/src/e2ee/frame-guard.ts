// Whether a browser sends past the transform that was set: what it says it has sent of a line, held
// against what the line's transform has seen. Pure; frame-watch.ts asks, and does what is said here.
//
// Each look takes the browser's count first, and asks the worker afterwards. So of an honest browser
// everything counted has been seen when the answer comes, but for what is on its way from encoder to
// worker; and what the worker has seen before a count was taken is in that count. From both:
//
//   sent   = max(sent + rise of the browser's count, seen at the look before)
//   owed   = sent - seen
//
// The maximum heals counts that begin anew (a browser makes its streams again where codecs change),
// so that what the worker saw of the old ones is no credit for the new. Counts are of a line as a
// whole: its layers come and go, and none can lend another more than is on its way.

/** Of one stream (SSRC) as the browser counts it, or of a line as its transform does. */
export interface Tally {
  /** Of the browser: that it has encoded. Of a transform: that came to it. */
  readonly frames: number;
  /** Of payload, without padding and retransmissions. Of a transform: that it has passed on. */
  readonly bytes: number;
}

/** Why a line was closed, and nothing is sent on it any more. */
export type GuardCode =
  /** The browser has sent what the transform has not seen. */
  | "passed-by"
  /** The browser does not count what it sends, so that nobody can tell. */
  | "uncounted"
  /** The transform is not there any more. */
  | "failed";

export type Verdict =
  /** Nothing was seen yet: it is not known whether frames go through the transform. */
  | "unproven"
  /** Counts do not agree: look again soon. */
  | "doubtful"
  /** Frames go through the transform, and none are sent that do not. */
  | "proven"
  | GuardCode;

/** Pictures that a browser may have counted and given neither to a network nor to its transform. */
export const SPARE_FRAMES = 10;
/** So many answers after the first that did not agree, and it is not on its way any more. */
export const ANSWERS = 4;
/** So many looks in turn at which more had come to the transform, and the browser counted no more. */
export const UNCOUNTED = 6;

const NONE: Tally = { frames: 0, bytes: 0 };

export class FrameGuard {
  readonly #video: boolean;
  readonly #last = new Map<number, Tally>();
  #sent = NONE;
  #seen = NONE;
  #owed = NONE;
  #rose = false;
  #uncounted = 0;
  /** What was counted at the first look that did not agree, and how many answers have come since. */
  #claim: { readonly sent: Tally; readonly answers: number } | null = null;
  #verdict: Verdict = "unproven";

  constructor(video: boolean) {
    this.#video = video;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** How much more was sent than seen, at the last answer: what is on its way, or went past. */
  get owed(): Tally {
    return this.#owed;
  }

  /** Take what the browser counts of each stream of the line, by its SSRC. */
  sent(streams: ReadonlyMap<number, Tally>): void {
    let { frames, bytes } = this.#sent;
    for (const [ssrc, now] of streams) {
      const last = this.#last.get(ssrc) ?? NONE;
      frames += rise(last.frames, now.frames);
      bytes += rise(last.bytes, now.bytes);
      this.#last.set(ssrc, now);
    }
    if (this.#video ? frames > this.#sent.frames : bytes > this.#sent.bytes) this.#rose = true;
    this.#sent = {
      frames: Math.max(frames, this.#seen.frames),
      // What packets of pictures have besides frames is not the transform's.
      bytes: this.#video ? bytes : Math.max(bytes, this.#seen.bytes),
    };
  }

  /**
   * Take what the transform has seen and passed on, of a question that was asked after `sent`; null:
   * the worker has no such transform. A line that was found at fault stays so.
   */
  seen(tally: Tally | null): Verdict {
    if (isFault(this.#verdict)) return this.#verdict;
    this.#verdict = tally === null ? "failed" : this.#judge(tally);
    return this.#verdict;
  }

  #judge(now: Tally): Verdict {
    const came = this.#video ? now.frames > this.#seen.frames : now.bytes > this.#seen.bytes;
    this.#seen = now;
    this.#owed = {
      frames: this.#sent.frames - now.frames,
      bytes: this.#sent.bytes - now.bytes,
    };
    if (this.#rose) this.#uncounted = 0;
    else if (came) this.#uncounted += 1;
    this.#rose = false;
    if (this.#uncounted >= UNCOUNTED) return "uncounted";
    if (this.#claim !== null && this.#isOwed(this.#claim.sent)) {
      this.#claim = { ...this.#claim, answers: this.#claim.answers + 1 };
      return this.#claim.answers >= ANSWERS ? "passed-by" : "doubtful";
    }
    this.#claim = this.#isOwed(this.#sent) ? { sent: this.#sent, answers: 0 } : null;
    if (this.#claim !== null) return "doubtful";
    return this.#seen.frames > 0 ? "proven" : "unproven";
  }

  #isOwed(sent: Tally): boolean {
    const seen = this.#seen;
    if (!this.#video) return sent.bytes > seen.bytes;
    // Whatever a network has got before anything was passed on is none of it.
    return sent.frames - seen.frames > SPARE_FRAMES || (seen.bytes === 0 && sent.bytes > 0);
  }
}

export function isFault(verdict: Verdict): verdict is GuardCode {
  return verdict === "passed-by" || verdict === "uncounted" || verdict === "failed";
}

/** How much was added; a count that went down has begun anew. */
function rise(last: number, now: number): number {
  return now >= last ? now - last : now;
}

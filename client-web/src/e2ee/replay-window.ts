// What has come of one layer of one stream of a page, in one generation. Asked once a frame has opened
// and never before: a number that nothing vouches for must not shut out the real one.

/** Frames of sound that may come late: 20 seconds of them. */
export const SOUND_WINDOW = 1_024;
/** Pictures that may: what is sent again after a loss comes behind what was sent after it. */
export const PICTURE_WINDOW = 64;

export class ReplayWindow {
  readonly #late: number;
  // Of each count that is not too late, at its rest: the count that came, or -1.
  readonly #seen: Int32Array;
  #newest = -1;

  private constructor(late: number) {
    this.#late = late;
    this.#seen = new Int32Array(late).fill(-1);
  }

  /** A picture comes once, and not 64 or more frames before the newest. */
  static ofPictures(): ReplayWindow {
    return new ReplayWindow(PICTURE_WINDOW);
  }

  /** Sound comes once, and not 1,024 or more frames before the newest. */
  static ofSound(): ReplayWindow {
    return new ReplayWindow(SOUND_WINDOW);
  }

  /** Whether a frame with this count may not be used, before it is opened: for what need not be. */
  refuses(count: number): boolean {
    if (count <= this.#newest - this.#late) return true;
    // What stood there before is a window older, or this very count.
    return this.#seen[count % this.#late] === count;
  }

  /** Whether a frame with this count may be used; from then on it may not be again. */
  admit(count: number): boolean {
    if (this.refuses(count)) return false;
    this.#seen[count % this.#late] = count;
    this.#newest = Math.max(this.#newest, count);
    return true;
  }
}

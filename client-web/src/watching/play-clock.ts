// The one clock of what is played: by the sound that is heard, as long as that moves. Pure.
//
// A sound card's clock and the machine's drift apart, so what is heard leads, and all else follows.
// But a card may stand still: unplugged, asleep, or starved on a busy machine. A sound that should
// move and does not leads nobody: time then goes on by the machine's clock, and the sound is made to
// join again; once it has moved as it should, it leads again.

/** A sound that should be moving, and where it is in meeting time. */
export interface Heard {
  readonly name: string;
  readonly at: number;
}

/** Farther off than this, a sound is brought to the clock rather than the clock to it. */
const APART_MS = 320;
/** Judged over so long; a device takes a fifth of a second to begin. */
const WINDOW_MS = 500;
const TOO_LITTLE = 0.5;
const ENOUGH = 0.8;

interface Meter {
  /** Null: the next sample is only a beginning. */
  last: number | null;
  should: number;
  did: number;
  trusted: boolean;
}

export class PlayClock {
  readonly #meters = new Map<string, Meter>();

  /** Where playing is, `passed` milliseconds after it was at `at`; sounds in order of preference. */
  advance(at: number, passed: number, speed: number, sounds: readonly Heard[]): number {
    const should = passed * speed;
    let lead: Heard | null = null;
    for (const sound of sounds) {
      const meter = this.#measure(sound, should);
      if (lead === null && meter.trusted) lead = sound;
    }
    // One that pauses, or is on its way, is not measured meanwhile.
    for (const [name, meter] of this.#meters) {
      if (!sounds.some((one) => one.name === name)) restart(meter);
    }
    const expected = at + should;
    return lead !== null && Math.abs(lead.at - expected) < APART_MS ? lead.at : expected;
  }

  /** Whether a sound may set the clock; the one that does is not corrected by it. */
  trusts(name: string): boolean {
    return this.#meters.get(name)?.trusted ?? true;
  }

  /** Whether there was a sound to go by, and none of them moves: the way out may need a nudge. */
  get stalled(): boolean {
    return this.#meters.size > 0 && [...this.#meters.values()].every((meter) => !meter.trusted);
  }

  /** A sound was moved by hand, which says nothing about whether it moves by itself. */
  moved(name: string): void {
    const meter = this.#meters.get(name);
    if (meter !== undefined) restart(meter);
  }

  forget(name: string): void {
    this.#meters.delete(name);
  }

  #measure(sound: Heard, should: number): Meter {
    let meter = this.#meters.get(sound.name);
    if (meter === undefined) {
      meter = { last: null, should: 0, did: 0, trusted: true };
      this.#meters.set(sound.name, meter);
    }
    if (meter.last !== null) {
      meter.should += should;
      meter.did += sound.at - meter.last;
      if (meter.should >= WINDOW_MS) {
        const share = meter.did / meter.should;
        if (share < TOO_LITTLE) meter.trusted = false;
        else if (share >= ENOUGH) meter.trusted = true;
        meter.should = meter.did = 0;
      }
    }
    meter.last = sound.at;
    return meter;
  }
}

function restart(meter: Meter): void {
  meter.last = null;
  meter.should = meter.did = 0;
}

// All sound goes through one mixer: a volume for each person, and one way out.
//
// Not straight from the elements to the loudspeaker, for a browser that has none then gives up an
// element altogether; a mixer goes on, silently.

export class Mixer {
  readonly #context = new AudioContext();
  readonly #people = new Map<string, GainNode>();

  /** Take the sound of an element, for as long as it lives. */
  add(person: string, element: HTMLMediaElement): void {
    this.#context.createMediaElementSource(element).connect(this.#of(person));
  }

  /** From 0 to 1. */
  setVolume(person: string, volume: number): void {
    this.#of(person).gain.value = volume;
  }

  /** Browsers let a page sound once somebody has clicked in it. */
  resume(): void {
    if (this.#context.state === "suspended") void this.#context.resume().catch(() => undefined);
  }

  close(): void {
    void this.#context.close();
  }

  #of(person: string): GainNode {
    let gain = this.#people.get(person);
    if (gain === undefined) {
      gain = this.#context.createGain();
      gain.connect(this.#context.destination);
      this.#people.set(person, gain);
    }
    return gain;
  }
}

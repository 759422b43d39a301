// Tells the server which pictures this page shows, and how large, so that nothing is sent for nobody
// and nothing larger than it is seen. Pages say what they show; this says it on when it changes.

import { keyOf } from "../media/subscriber";
import type { Shown } from "../signalling/messages";
import type { Source } from "../signalling/tracks";

type Place = Shown;

/** Two messages are this far apart, so that a window that is being resized does not flood. */
const PAUSE_MS = 250;
/** A place that grows or shrinks by less is the same; nobody sees the difference. */
const SAME = 0.1;
const MOST = 8192;
const MOST_PLACES = 256;

export class View {
  readonly #tell: (shown: Place[]) => void;
  readonly #places = new Map<string, Place>();
  #told: ReadonlyMap<string, Place> | null = null;
  #running = false;
  #hidden = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (shown: Place[]) => void) {
    this.#tell = tell;
  }

  /** Say it all, also what was said before: the server has forgotten us, or never knew us. */
  begin(): void {
    this.#running = true;
    this.#told = null;
    this.#soon();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A picture is shown in a place of that height, in CSS pixels. */
  show(person: string, source: Source, height: number): void {
    const pixels = Math.round(height * (globalThis.devicePixelRatio || 1));
    const place = { person, source, height: Math.min(Math.max(pixels, 1), MOST) };
    this.#places.set(keyOf(person, source), place);
    this.#soon();
  }

  hide(person: string, source: Source): void {
    if (this.#places.delete(keyOf(person, source))) this.#soon();
  }

  /** Whether the whole page is out of sight. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#soon();
  }

  #soon(): void {
    if (!this.#running || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#say();
    }, PAUSE_MS);
  }

  #say(): void {
    const now: ReadonlyMap<string, Place> = this.#hidden
      ? new Map()
      : new Map([...this.#places].slice(0, MOST_PLACES));
    if (this.#told !== null && alike(this.#told, now)) return;
    this.#told = now;
    this.#tell([...now.values()]);
  }
}

function alike(told: ReadonlyMap<string, Place>, now: ReadonlyMap<string, Place>): boolean {
  if (told.size !== now.size) return false;
  for (const [key, { height }] of now) {
    const before = told.get(key)?.height;
    if (before === undefined || Math.abs(height - before) > SAME * before) return false;
  }
  return true;
}

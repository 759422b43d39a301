// The few sounds a meeting makes, drawn instead of loaded: each is a row of soft tones.

import { type Sink, speaker } from "./speaker";

export type Sound =
  | "recording-started"
  | "recording-paused"
  | "recording-stopped"
  | "joined"
  | "left"
  | "alarm"
  | "test";

interface Tone {
  readonly hertz: number;
  /** Seconds after the beginning, and how long. */
  readonly at: number;
  readonly lasts: number;
}

// Distinct without words: up for started, down for paused, down and low for stopped.
const SOUNDS: Record<Sound, readonly Tone[]> = {
  "recording-started": [
    { hertz: 523, at: 0, lasts: 0.16 },
    { hertz: 659, at: 0.14, lasts: 0.16 },
    { hertz: 784, at: 0.28, lasts: 0.3 },
  ],
  "recording-paused": [
    { hertz: 659, at: 0, lasts: 0.18 },
    { hertz: 494, at: 0.18, lasts: 0.3 },
  ],
  "recording-stopped": [
    { hertz: 392, at: 0, lasts: 0.18 },
    { hertz: 262, at: 0.18, lasts: 0.4 },
  ],
  joined: [{ hertz: 880, at: 0, lasts: 0.12 }],
  left: [{ hertz: 587, at: 0, lasts: 0.12 }],
  alarm: [
    { hertz: 740, at: 0, lasts: 0.2 },
    { hertz: 740, at: 0.3, lasts: 0.2 },
    { hertz: 740, at: 0.6, lasts: 0.2 },
  ],
  test: [
    { hertz: 523, at: 0, lasts: 0.25 },
    { hertz: 659, at: 0.25, lasts: 0.25 },
    { hertz: 784, at: 0.5, lasts: 0.5 },
  ],
};

const VOLUME = 0.08;
const FADE = 0.03;

let shared: AudioContext | null = null;

/** The page's audio context; browsers keep it silent until somebody has clicked. */
export function audioContext(): AudioContext {
  if (shared === null) {
    shared = new AudioContext({ latencyHint: "interactive" });
    speaker.add(shared as Sink);
  }
  return shared;
}

export function play(sound: Sound): void {
  const context = audioContext();
  void context.resume().catch(() => undefined);
  for (const { at, hertz, lasts } of SOUNDS[sound]) {
    const start = context.currentTime + at;
    const end = start + lasts;
    const oscillator = new OscillatorNode(context, { type: "sine", frequency: hertz });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(VOLUME, start + FADE);
    gain.gain.setTargetAtTime(0, end - FADE, FADE / 2);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(end + FADE * 4);
  }
}

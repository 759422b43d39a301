// How loud a track is, for a meter: 0 … 1, about ten times a second.

import { type ReadonlySignal, signal } from "@preact/signals";

const EVERY_MS = 80;
/** Speech lies between these, in dB below full scale. */
const QUIET = -60;
const LOUD = -12;

export interface Meter {
  readonly level: ReadonlySignal<number>;
  stop(): void;
}

export function meter(track: MediaStreamTrack, context: AudioContext): Meter {
  const level = signal(0);
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    level.value = levelOf(samples);
  }, EVERY_MS);
  return {
    level,
    stop: () => {
      clearInterval(timer);
      source.disconnect();
    },
  };
}

export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (decibels - QUIET) / (LOUD - QUIET)));
}

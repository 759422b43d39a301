// What a person chose last, so that they need not choose it again. Nothing here is secret.

export interface Preferences {
  name: string;
  microphone: string | null;
  camera: string | null;
  speaker: string | null;
  /** Whether the browser should take away noise and echo. */
  cleanSound: boolean;
  language: string | null;
  /** Whether single letters are shortcuts in the meeting. */
  shortcuts: boolean;
}

const KEY = "assent.preferences";
const NONE: Preferences = {
  name: "",
  microphone: null,
  camera: null,
  speaker: null,
  cleanSound: true,
  language: null,
  shortcuts: true,
};

export function preferences(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...NONE, ...(stored as Partial<Preferences>) };
  } catch {
    return NONE; // storage is refused, or holds something else
  }
}

export function prefer(change: Partial<Preferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...preferences(), ...change }));
  } catch {
    // Storage is full or refused: it will be asked again next time.
  }
}

// The sources and codecs that there are, as server/PROTOCOL.md names them.
// Written by `python -m assent.signalling.typescript_tracks`; change server/assent/media/sources.py
// and codecs.py.

/** Every source, and what it is. */
export const SOURCES = {
  microphone: { video: false, voice: true, screen: false },
  camera: { video: true, voice: false, screen: false },
  screen: { video: true, voice: false, screen: true },
  "screen-audio": { video: false, voice: false, screen: true },
  "device-microphone": { video: false, voice: true, screen: false },
  "device-camera": { video: true, voice: false, screen: false },
} as const;

export type Source = keyof typeof SOURCES;
export type BrowserSource = "microphone" | "camera" | "screen" | "screen-audio";
export type DeviceSource = "device-microphone" | "device-camera";
export type PictureSource = "camera" | "screen" | "device-camera";

/** Every codec that is forwarded, of pictures the preferred first. */
export const CODECS = {
  opus: { video: false, mimeType: "audio/opus" },
  vp8: { video: true, mimeType: "video/vp8" },
  h264: { video: true, mimeType: "video/h264" },
  vp9: { video: true, mimeType: "video/vp9" },
  av1: { video: true, mimeType: "video/av1" },
} as const;

// In which layers a picture is sent, how large and how well each, and how many of them now.
//
// A camera comes in up to three layers, each half as high as the next, so that the server can give
// everybody the one that fits where they show it. The server counts layers from the lowest and says
// how many reach anybody; the others rest.

import type { BrowserSource, PictureSource } from "../signalling/tracks";

/** The layers of a camera, the lowest first, as PROTOCOL.md has it. */
export const RIDS = ["q", "h", "f"] as const;

/** Lines of a camera's best layer, and of a screen, at most. */
const CAMERA_LINES = 720;
const SCREEN_LINES = 1440;
const SCREEN_BITS = 2_500_000;
/** Fewer lines than this are not worth a layer. */
const LEAST_LINES = 130;

export interface Encoding {
  readonly active: boolean;
  readonly scaleResolutionDownBy: number;
  readonly maxBitrate: number;
}

/** How a camera of that many lines is sent in so many layers, of which `wanted` reach anybody. */
export function cameraEncodings(lines: number, layers: number, wanted: number): Encoding[] {
  const top = Math.max(1, lines / CAMERA_LINES);
  const scales = Array.from({ length: layers }, (_, at) => top * 2 ** (layers - 1 - at));
  // A small picture has no use for a layer a quarter as high; of one layer there is no choice.
  const first = scales.findIndex((scale, at) => lines / scale >= LEAST_LINES || at === layers - 1);
  // One always comes, so that the next who looks need not wait; of a single one it may be none.
  const many = layers > 1 ? Math.max(wanted, first + 1) : wanted;
  return scales.map((scale, at) => ({
    active: at >= first && at < many,
    scaleResolutionDownBy: scale,
    maxBitrate: bitsFor(lines / scale),
  }));
}

/** How a screen is sent: in one layer, because what is written on it must be read. */
export function screenEncoding(lines: number, wanted: number): Encoding {
  return {
    active: wanted > 0,
    scaleResolutionDownBy: Math.max(1, lines / SCREEN_LINES),
    maxBitrate: SCREEN_BITS,
  };
}

/** How each source of pictures is sent, of so many lines, where so many layers reach anybody. */
export const ENCODINGS: Readonly<
  Record<
    Extract<BrowserSource, PictureSource>,
    (lines: number, wanted: number) => readonly Encoding[]
  >
> = {
  camera: (lines, wanted) => cameraEncodings(lines, RIDS.length, wanted),
  screen: (lines, wanted) => [screenEncoding(lines, wanted)],
};

/** What VP8 needs for so many lines of a face: about 0.9 Mbit/s for 540, and more than lines alone. */
function bitsFor(lines: number): number {
  return Math.round(Math.min(Math.max(3.2 * lines * lines, 100_000), 1_700_000));
}

/** Ask a sender for it; false if the browser would not have it now. */
export async function apply(
  sender: RTCRtpSender,
  encodings: readonly Encoding[],
): Promise<boolean> {
  const parameters = sender.getParameters();
  // Typed as always there; an unnegotiated sender of an older browser has none.
  const present = (parameters.encodings as RTCRtpEncodingParameters[] | undefined) ?? [];
  let changed = false;
  for (const [at, encoding] of present.entries()) {
    // What is not taken apart into layers is sent as the best of them.
    const wanted = encodings[at + encodings.length - present.length];
    if (wanted === undefined) continue;
    changed ||=
      encoding.active !== wanted.active ||
      encoding.maxBitrate !== wanted.maxBitrate ||
      encoding.scaleResolutionDownBy !== wanted.scaleResolutionDownBy;
    Object.assign(encoding, wanted);
  }
  if (!changed) return true;
  try {
    await sender.setParameters(parameters);
    return true;
  } catch {
    return false; // it is being negotiated
  }
}

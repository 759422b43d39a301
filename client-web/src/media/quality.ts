// How large a camera picture is sent, by how many people are there: without layers everyone gets
// the same one, and small tiles need no large pictures.

export interface Quality {
  /** Height of what is sent, at most. */
  readonly height: number;
  readonly bitsPerSecond: number;
}

const STEPS: readonly (Quality & { readonly upTo: number })[] = [
  { upTo: 2, height: 720, bitsPerSecond: 1_700_000 },
  { upTo: 6, height: 540, bitsPerSecond: 900_000 },
  { upTo: 12, height: 360, bitsPerSecond: 450_000 },
  { upTo: Infinity, height: 240, bitsPerSecond: 200_000 },
];

export const SCREEN: Quality = { height: 1440, bitsPerSecond: 2_500_000 };

export function qualityFor(people: number): Quality {
  return STEPS.find(({ upTo }) => people <= upTo) ?? SCREEN;
}

/** Ask a sender for it; a browser that cannot stays as it is. */
export async function applyQuality(sender: RTCRtpSender, quality: Quality): Promise<void> {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings as (RTCRtpEncodingParameters | undefined)[];
  if (encoding === undefined) return;
  const height = sender.track?.getSettings().height ?? quality.height;
  const scale = Math.max(1, height / quality.height);
  if (encoding.maxBitrate === quality.bitsPerSecond && encoding.scaleResolutionDownBy === scale)
    return;
  encoding.maxBitrate = quality.bitsPerSecond;
  encoding.scaleResolutionDownBy = scale;
  try {
    await sender.setParameters(parameters);
  } catch {
    // The section is being negotiated; the next change of the room asks again.
  }
}

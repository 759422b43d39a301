// A frame of VP8 that shows once more what the one before has left, and changes nothing (RFC 6386).
//
// It copies the last frame block by block, codes no residue, filters nothing, refreshes no reference
// and forgets its probabilities: whatever follows is decoded as if it had not been there.

import { type Bytes, concat } from "../crypto/bytes";

/** What has to be known of the pictures, from their last key frame. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The bitstream's version, which every frame names. */
  readonly version: number;
}

/** What a key frame says of the pictures from there on; null where it is none. Section 9.1. */
export function pictureOf(frame: Bytes): Picture | null {
  const [tag = 1, , , first, second, third, ...size] = frame.subarray(0, 10);
  if ((tag & 1) !== 0 || first !== 0x9d || second !== 0x01 || third !== 0x2a) return null;
  const [widthLow = 0, widthHigh = 0, heightLow = 0, heightHigh = 0] = size;
  return {
    width: ((widthHigh & 0x3f) << 8) | widthLow, // the two bits above are for scaling
    height: ((heightHigh & 0x3f) << 8) | heightLow,
    version: (tag >> 1) & 7,
  };
}

const SHOWN = 1 << 4;
const INTER = 1;

/**
 * The bool encoder (section 7.3) after a header of an inter frame that is always the same: segments
 * stay as they are; no filter; one partition of residue; golden and alternate frame, and the last one,
 * stay; no probability is updated (1,056 of coefficients, 38 of vectors, each a false flag); skipped
 * blocks and blocks from the last frame cost next to nothing.
 */
const HEADER = { bytes: [128, 0, 0, 0, 0, 0, 12, 44], range: 177, bottom: 201129984, bits: 1 };
/** That a block did not move, by how many of its neighbours have not (section 18.3: 0, 2 or 5). */
const STAYS = { alone: 7, edge: 135, inside: 234 };
/** Of residue there is none, but some decoders ask for a partition of it. */
const NO_RESIDUE = new Uint8Array(4);

export function stillFrame({ height, version, width }: Picture): Bytes {
  const coder = new BoolEncoder();
  const across = Math.ceil(width / 16);
  const blocks = across * Math.ceil(height / 16);
  for (let block = 0; block < blocks; block += 1) {
    coder.write(1, true); // without residue
    coder.write(1, true); // from a frame before,
    coder.write(255, false); // the last one,
    const edge = block < across || block % across === 0;
    coder.write(block === 0 ? STAYS.alone : edge ? STAYS.edge : STAYS.inside, false); // as it was
  }
  const first = coder.end();
  const tag = INTER | (version << 1) | SHOWN | (first.length << 5);
  return concat(Uint8Array.of(tag & 255, (tag >> 8) & 255, (tag >> 16) & 255), first, NO_RESIDUE);
}

/** Section 7.3, `bool_encoder`; begins where the header has ended. */
class BoolEncoder {
  readonly #bytes = [...HEADER.bytes];
  #range = HEADER.range;
  #bottom = HEADER.bottom;
  #bits = HEADER.bits;

  /** `probability` of false, in 256ths. */
  write(probability: number, value: boolean): void {
    const split = 1 + (((this.#range - 1) * probability) >> 8);
    if (value) this.#bottom += split;
    this.#range = value ? this.#range - split : split;
    while (this.#range < 128) {
      this.#range *= 2;
      this.#shift();
    }
  }

  end(): Bytes {
    for (let bit = 0; bit < 32; bit += 1) this.#shift();
    return Uint8Array.from(this.#bytes);
  }

  #shift(): void {
    if (this.#bottom >= 2 ** 31) this.#carry();
    this.#bottom = (this.#bottom * 2) % 2 ** 32;
    this.#bits -= 1;
    if (this.#bits > 0) return;
    this.#bytes.push(Math.floor(this.#bottom / 2 ** 24));
    this.#bottom %= 2 ** 24;
    this.#bits = 8;
  }

  #carry(): void {
    let last = this.#bytes.length - 1;
    while (this.#bytes[last] === 255) {
      this.#bytes[last] = 0;
      last -= 1;
    }
    this.#bytes[last] = (this.#bytes[last] ?? 0) + 1;
  }
}

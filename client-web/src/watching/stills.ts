// Slides as a browser plays them well: a picture that stays up is shown again and again.
//
// A browser that is sent to a place shows nothing before it has a few pictures from there on, or knows
// that no more will come; Chromium asks for four, and its decoder for another. And where pictures
// come seldom it may show the one before. So what lasts is filled with frames that change nothing, ten
// a second, and as many as are asked for just before its end, for it may be the last of all.

import { type Bytes, concat } from "../crypto/bytes";
import { type Picture, pictureOf, stillFrame } from "./still-frame";
import { type Block, blocks, CLUSTER, element, elements, group, TIMESTAMP } from "./webm";

const APART_MS = 100;
const LAST = 6;
const LAST_APART_MS = 10;

/** Fills the segments of one track, given in order from a key frame on. */
export class Stills {
  #picture: Picture | null = null;
  #still: Bytes | null = null;

  /** Return the same pictures, those that last shown again. Each says how long it lasts. */
  fill(plaintext: Bytes): Bytes {
    const parts: Bytes[] = [];
    let filled = false;
    for (const one of elements(plaintext)) {
      const cluster = one.id === CLUSTER ? this.#cluster(one.body) : null;
      filled ||= cluster !== null;
      parts.push(cluster ?? plaintext.subarray(one.at, one.at + one.length));
    }
    return filled ? concat(...parts) : plaintext;
  }

  /** A cluster with what is to be added; null where that is nothing. */
  #cluster(body: Bytes): Bytes | null {
    const all = [...blocks(body)];
    const parts: Bytes[] = [];
    let filled = false;
    for (const [index, block] of all.entries()) {
      this.#look(block);
      const still = this.#still;
      const next = all[index + 1];
      const lasts = next === undefined ? block.lasts : next.time - block.time;
      const times = still === null ? [] : between(lasts ?? 0);
      if (still === null || lasts === null || times.length === 0) {
        parts.push(body.subarray(block.at, block.at + block.length));
        continue;
      }
      filled = true;
      for (const [place, time] of times.entries()) {
        const until = times[place + 1] ?? lasts;
        const frame = place === 0 ? block.frame : still;
        parts.push(group(block.time + time, block.key && place === 0, frame, until - time));
      }
    }
    if (!filled) return null;
    const stamp = [...elements(body)].find(({ id }) => id === TIMESTAMP);
    if (stamp === undefined) return null;
    return element(CLUSTER, body.subarray(stamp.at, stamp.at + stamp.length), ...parts);
  }

  #look(block: Block): void {
    const picture = block.key ? pictureOf(block.frame) : null;
    if (picture === null) return;
    const { height, version, width } = this.#picture ?? {};
    const same =
      picture.height === height && picture.width === width && picture.version === version;
    if (same) return;
    this.#picture = picture;
    this.#still = stillFrame(picture);
  }
}

/** When to show what lasts so long, from 0 on; nothing where once is enough. */
function between(lasts: number): number[] {
  const end = lasts - LAST * LAST_APART_MS;
  if (end < APART_MS) return [];
  const times: number[] = [];
  for (let time = 0; time < end; time += APART_MS) times.push(time);
  for (let time = end; time < lasts; time += LAST_APART_MS) times.push(time);
  return times;
}

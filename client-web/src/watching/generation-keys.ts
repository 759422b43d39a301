// What opens a recorded generation for one who may watch it: their pair key, E and its slots, and O
// (FORMAT-2.md, sections 7, 9, 11 and 14). Of boxes the server hands out one's own and no others.

import { type Bytes, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { FormatError } from "../crypto/errors";
import type { PersonKeys } from "../crypto/keys";
import { NOBODY } from "../e2ee/generation";
import { type GenerationHeader, watchersOf } from "../e2ee/generation-header";
import { openForWatching, openOuter, openPair } from "../e2ee/opening";
import { GenerationTrack } from "./generation-track";

/** One's own boxes of a generation: of the pair key, of E under it, and of O. */
export interface OwnBoxes {
  readonly pair: Bytes;
  readonly secret: Bytes;
  readonly outer: Bytes;
}

/** Check that a header is of this meeting, and names this person as one who may watch. */
export function checkWatcher(header: GenerationHeader, charter: Charter, keys: PersonKeys): void {
  if (!equal(header.meeting, charter.meeting)) {
    throw new FormatError("meeting", "is another meeting");
  }
  if (!equal(header.charter, charter.digest)) {
    throw new FormatError("charter", "is another charter");
  }
  if (!watchersOf(header).some(({ id }) => equal(id, keys.person))) {
    throw new FormatError("people", "do not name this person as watching");
  }
}

export class GenerationKeys {
  readonly #header: GenerationHeader;
  readonly #slots: ReadonlyMap<number, Bytes>;
  readonly #outer: Bytes;
  readonly #tracks = new Map<string, GenerationTrack>();

  private constructor(header: GenerationHeader, slots: ReadonlyMap<number, Bytes>, outer: Bytes) {
    this.#header = header;
    this.#slots = slots;
    this.#outer = outer;
  }

  /** Rejects with GenerationError, and a code of section 11, where a box is not the header's. */
  static async open(
    header: GenerationHeader,
    boxes: OwnBoxes,
    keys: Pick<PersonKeys, "person" | "watchSecret">,
  ): Promise<GenerationKeys> {
    const { person, watchSecret } = keys;
    const of = {
      purpose: "watch",
      meeting: header.meeting,
      committer: NOBODY,
      owner: person,
    } as const;
    const pair = await openPair(watchSecret, boxes.pair, of);
    const watch = new Map([[encode(person), boxes.secret]]);
    const slots = await openForWatching(header, { page: new Map(), watch }, person, pair);
    const outer = await openOuter(watchSecret, boxes.outer, header, person);
    return new GenerationKeys(header, new Map(slots.entries()), outer);
  }

  /** A track, with what is known of it from the segments that were opened. */
  track(name: string): GenerationTrack {
    let track = this.#tracks.get(name);
    if (track === undefined) {
      track = new GenerationTrack(this.#header, name, this.#outer, this.#slots);
      this.#tracks.set(name, track);
    }
    return track;
  }
}

// E, and the keys of the tracks: from the box that was sealed to this person (FORMAT.md, section 8).

import { type Bytes, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import type { Header, HeaderPerson } from "../crypto/epoch";
import { FormatError, SealError } from "../crypto/errors";
import type { PersonKeys } from "../crypto/keys";
import { BOX_BYTES, derive, unseal, watchInfo } from "../crypto/suite";

const KEY_BYTES = 32;

/** Check that a header is of this meeting and was made for this person, under their own key. */
export function checkOwn(header: Header, charter: Charter, keys: PersonKeys): HeaderPerson {
  if (!equal(header.meeting, charter.meeting))
    throw new FormatError("meeting", "is another meeting");
  if (!equal(header.charter, charter.digest))
    throw new FormatError("charter", "is another charter");
  const own = header.people.find((one) => equal(one.id, keys.person));
  if (own?.watches !== true) throw new FormatError("people", "do not name this person as watching");
  if (!equal(own.watch, keys.watch)) throw new FormatError("people", "name another key of ours");
  return own;
}

export class EpochKey {
  readonly #key: Bytes;
  readonly #header: Bytes;
  readonly #tracks = new Map<string, Promise<Bytes>>();

  private constructor(key: Bytes, header: Bytes) {
    this.#key = key;
    this.#header = header;
  }

  static async open(box: Bytes, header: Header, keys: PersonKeys): Promise<EpochKey> {
    if (box.length !== BOX_BYTES) throw new FormatError("box", `is not ${BOX_BYTES} bytes`);
    const key = await unseal(keys.watchSecret, box, watchInfo(header.digest, keys.person));
    if (key.length !== KEY_BYTES) throw new SealError("the box holds no key");
    return new EpochKey(key, header.digest);
  }

  /** "`HKDF-SHA256(ikm = E, salt = H, info = "assent/track/v1" ‖ 0x00 ‖ track name, 32 bytes)`" */
  track(name: string): Promise<Bytes> {
    let key = this.#tracks.get(name);
    if (key === undefined) {
      key = derive(this.#key, this.#header, `assent/track/v1\0${name}`);
      this.#tracks.set(name, key);
    }
    return key;
  }
}

// A person's keys in one meeting, all out of one seed (FORMAT.md, section 3).

import { type Bytes, equal } from "./bytes";
import { derive, personId, signer, type Signer, xwingPublic } from "./suite";

export interface PersonKeys {
  readonly seed: Bytes;
  readonly meeting: Bytes;
  readonly person: Bytes;
  readonly sign: Signer;
  /** Public keys, 1,216 bytes each. */
  readonly watch: Bytes;
  readonly train: Bytes;
  /** The private key that opens the recording for watching. */
  readonly watchSecret: Bytes;
  /** The private key whose handing over is the consent to training. */
  readonly trainSecret: Bytes;
}

export async function deriveKeys(seed: Bytes, meeting: Bytes): Promise<PersonKeys> {
  const [sign, watchSecret, trainSecret] = await Promise.all([
    derive(seed, meeting, "assent/key/sign/v2").then(signer),
    derive(seed, meeting, "assent/key/watch/v2"),
    derive(seed, meeting, "assent/key/train/v2"),
  ]);
  const [watch, train, person] = await Promise.all([
    xwingPublic(watchSecret),
    xwingPublic(trainSecret),
    personId(meeting, sign.publicKey),
  ]);
  return { seed, meeting, person, sign, watch, train, watchSecret, trainSecret };
}

/** Whether an enrolment names these keys and no others. */
export function areKeysOf(
  keys: PersonKeys,
  enrolled: { readonly sign: Bytes; readonly watch: Bytes; readonly train: Bytes },
): boolean {
  return (
    equal(keys.sign.publicKey, enrolled.sign) &&
    equal(keys.watch, enrolled.watch) &&
    equal(keys.train, enrolled.train)
  );
}

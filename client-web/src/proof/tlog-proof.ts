// One file that proves a leaf to be in a log (c2sp.org/tlog-proof): where it is, the hashes beside it
// on the way to the root, and the log's signed head.

import type { Bytes } from "../crypto/bytes";
import { type Checkpoint, parseCheckpoint } from "./note";
import { decodeStandard, Malformed, wholeNumber } from "./text";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const MAX_PATH = 63; // a tree that counts its leaves below 2^63 is not deeper

export interface TlogProof {
  readonly index: number;
  readonly path: readonly Bytes[];
  readonly checkpoint: Checkpoint;
}

export function parseProof(text: string): TlogProof {
  const split = text.indexOf("\n\n");
  const [first, second = "", ...hashes] = text.slice(0, Math.max(0, split)).split("\n");
  // "If no extra data is present, this line is omitted." Nothing here has any.
  if (split < 0 || first !== FIRST_LINE || !second.startsWith("index ")) {
    throw new Malformed("proof");
  }
  if (hashes.length > MAX_PATH) throw new Malformed("proof");
  return {
    index: wholeNumber(second.slice("index ".length), "proof"),
    path: hashes.map((one) => decodeStandard(one, 32, "proof")),
    checkpoint: parseCheckpoint(text.slice(split + 2)),
  };
}

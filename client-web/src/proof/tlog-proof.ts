// One file that proves a leaf to be in a log (c2sp.org/tlog-proof; FORMAT.md, section 13): where it is,
// the hashes beside it on the way to the root, and the log's signed head.

import { type Bytes, utf8 } from "../crypto/bytes";
import { type Checkpoint, parseCheckpoint } from "./note";
import { decodeStandard, Malformed, wholeNumber } from "./text";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const EXTRA = "extra ";
const MAX_BYTES = 80 * 1024;
const MAX_PATH = 63; // a tree that counts its leaves below 2^63 is not deeper

export interface TlogProof {
  readonly index: number;
  readonly path: readonly Bytes[];
  /** The checkpoint as it stands in the proof, and what it says. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

export function parseProof(text: string): TlogProof {
  if (utf8(text).length > MAX_BYTES) throw new Malformed("proof");
  const split = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(0, split)).split("\n");
  // "A line `extra <base64>` MAY stand second; a reader MUST ignore what it says."
  if (lines[0]?.startsWith(EXTRA)) {
    decodeStandard(lines[0].slice(EXTRA.length), null, "proof");
    lines.shift();
  }
  const [index = "", ...hashes] = lines;
  if (split < 0 || first !== FIRST_LINE || !index.startsWith("index ")) {
    throw new Malformed("proof");
  }
  if (hashes.length > MAX_PATH) throw new Malformed("proof");
  const note = text.slice(split + 2);
  return {
    index: wholeNumber(index.slice("index ".length), "proof"),
    path: hashes.map((one) => decodeStandard(one, 32, "proof")),
    note,
    checkpoint: parseCheckpoint(note),
  };
}

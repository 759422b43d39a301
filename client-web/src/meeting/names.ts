// Names as they are typed, made fit to be signed: the server takes none that it would have to change, for
// what it showed then would not be what was signed. The same rules as server/assent/meeting/names.py.

// Embeddings, overrides and isolates of Unicode TR 9 reach beyond the name they stand in.
const BIDI = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/gu;
// As Python has it: the separators of ASCII are white space, and the byte order mark is none.
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/gu; // eslint-disable-line no-control-regex
const UNFIT = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Clean a name; empty where nothing is left of it. */
export function cleanName(typed: string): string {
  let name = typed;
  // What is taken out may have kept apart what now makes one letter.
  for (let turn = 0; turn < 3; turn += 1) {
    name = name.normalize("NFC").replace(BIDI, "").replace(SPACE, " ").replace(UNFIT, "");
    name = name.replace(/ +/gu, " ").replace(/^ | $/gu, "");
  }
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : "";
}

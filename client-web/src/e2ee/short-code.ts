// The short code: read aloud, the same exactly where all see the same people with the same keys
// (FORMAT-2.md, section 15). Its rounds are there because whoever chooses keys can try many.

import { concat, encode, utf8 } from "../crypto/bytes";
import type { GenerationContent } from "./generation-header";

const ROUNDS = 200_000;
const GROUPS = 6;
const GROUP_BYTES = 5;

/** Six groups of five digits, of everyone in a header but those removed. */
export async function shortCode(
  header: Pick<GenerationContent, "charter" | "people" | "removed">,
): Promise<readonly string[]> {
  const removed = new Set(header.removed.map(({ id }) => encode(id)));
  const everyone = header.people.filter(({ id }) => !removed.has(encode(id)));
  const password = concat(header.charter, ...everyone.flatMap((one) => [one.id, one.enrolment]));
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const salt = concat(utf8("assent/code/v2\0"), header.charter);
  const stretched = new Uint8Array(
    await crypto.subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS },
      key,
      GROUPS * GROUP_BYTES * 8,
    ),
  );
  return Array.from({ length: GROUPS }, (_, group) => {
    const bytes = stretched.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES);
    // 40 bits fit a number exactly.
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return String(number % 100_000).padStart(5, "0");
  });
}

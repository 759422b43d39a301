// Headers of a relayed meeting's recorded generations, which the server of the charter has signed
// (FORMAT-2.md, sections 6 and 14).

import type { Bytes } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import { verify } from "../crypto/suite";
import {
  GENERATION_TYPE,
  type GenerationHeader,
  parseGeneration,
  type RecordedPart,
} from "./generation-header";

export type RecordedHeader = GenerationHeader & { readonly recorded: RecordedPart };

/** Read a recorded header that the server of the charter has signed; null where it is none. */
export async function readRecordedHeader(
  body: Bytes,
  signature: Bytes,
  server: Bytes,
): Promise<RecordedHeader | null> {
  try {
    const header = await parseGeneration(body);
    await verify(server, GENERATION_TYPE, body, signature);
    const { committer, recorded } = header;
    return recorded === null || committer !== null ? null : { ...header, recorded };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return null;
  }
}

// How a recorded generation ended, signed by the server (FORMAT-2.md, section 11).

import { type Bytes, encode, equal } from "../crypto/bytes";
import { type Fields, read } from "../crypto/document";
import { DIGEST_BYTES, MEETING_BYTES, verify } from "../crypto/suite";
import type { Acceptances } from "../e2ee/acceptance";
import { type GenerationHeader, MAX_NUMBER } from "../e2ee/generation-header";
import { type Closing, readTracks } from "./closing";

const TYPE = "assent/generation-close/v2";
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Read the closing of `header` that `server` signed. `accepts` are the verified acceptances of the
 * header, null in a relayed meeting: a track is of somebody who was present and had accepted.
 */
export async function verifyGenerationClosing(
  body: Bytes,
  signature: Bytes,
  server: Bytes,
  header: GenerationHeader,
  accepts: Acceptances | null,
): Promise<Closing> {
  const fields: Fields = read(body, TYPE, MAX_BYTES, [
    "meeting",
    "generation",
    "header",
    "accepts",
    "ended",
    "interrupted",
    "segments",
  ]);
  const meeting = fields.bytes("meeting", MEETING_BYTES);
  const generation = fields.integer("generation", 1, MAX_NUMBER);
  const of = fields.bytes("header", DIGEST_BYTES);
  const accepted = fields.bytesOrNull("accepts", DIGEST_BYTES);
  const closing = {
    ended: fields.integer("ended"),
    interrupted: fields.boolean("interrupted"),
    tracks: readTracks(fields),
  };
  await verify(server, TYPE, body, signature);
  if (header.recorded === null || !equal(of, header.digest)) {
    fields.fail("header", "is the digest of another header");
  }
  if (!equal(meeting, header.meeting)) fields.fail("meeting", "is another meeting");
  if (generation !== header.recorded.number) fields.fail("generation", "is another generation");
  const named = accepts === null ? null : encode(accepts.digest);
  if (
    (accepted && encode(accepted)) !== named ||
    (header.committer === null) !== (named === null)
  ) {
    fields.fail("accepts", "is the digest of other acceptances");
  }
  const accepting = accepts && new Set(accepts.accepts.map(({ id }) => encode(id)));
  const heard = new Set(
    header.people
      .filter(({ id, present }) => present && (accepting?.has(encode(id)) ?? true))
      .map(({ id }) => encode(id)),
  );
  if (!closing.tracks.every(({ person }) => heard.has(person))) {
    fields.fail("segments", "are of somebody who was not there or has not accepted");
  }
  return closing;
}

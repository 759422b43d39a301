// Certificates of hosts: by the host key of the room, a person is one (FORMAT.md, section 6). Whoever
// the server calls a host is none by that.

import { type Bytes, encode, equal } from "./bytes";
import { read, write } from "./document";
import { FormatError } from "./errors";
import type { RoomDocument } from "./room";
import type { Enrolment, Signed } from "./statement";
import { DIGEST_BYTES, digest, MEETING_BYTES, type Signer, verify } from "./suite";

const HOST_TYPE = "assent/host/v2";
const MAX_BYTES = 1024;

/** What of an enrolment a certificate is about. */
export type Enrolled = Pick<Enrolment, "digest" | "meeting" | "person">;

export interface HostCertificate {
  readonly meeting: Bytes;
  /** Digest of the room document. */
  readonly room: Bytes;
  readonly person: Bytes;
  /** Digest of their enrolment. */
  readonly enrolment: Bytes;
  readonly at: number;
  readonly digest: Bytes;
}

/** Sign, with the host key, that whoever has enrolled so is a host. */
export async function makeCertificate(
  hostKey: Signer,
  room: Bytes,
  enrolled: Enrolled,
  at: number,
): Promise<Signed> {
  const body = write({
    type: HOST_TYPE,
    meeting: encode(enrolled.meeting),
    room: encode(room),
    person: encode(enrolled.person),
    enrolment: encode(enrolled.digest),
    at,
  });
  return { body, signature: await hostKey.sign(HOST_TYPE, body) };
}

/** Read a certificate without believing it; throws FormatError. */
export async function parseCertificate(body: Bytes): Promise<HostCertificate> {
  const fields = read(body, HOST_TYPE, MAX_BYTES, ["meeting", "room", "person", "enrolment", "at"]);
  return {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    room: fields.bytes("room", DIGEST_BYTES),
    person: fields.bytes("person", DIGEST_BYTES),
    enrolment: fields.bytes("enrolment", DIGEST_BYTES),
    at: fields.integer("at"),
    digest: await digest(body),
  };
}

/** A certificate of this very person in this room; `enrolled` has been verified by whoever calls. */
export async function verifyCertificate(
  { body, signature }: Signed,
  room: Pick<RoomDocument, "digest" | "host">,
  enrolled: Enrolled,
): Promise<HostCertificate> {
  const certificate = await parseCertificate(body);
  if (!equal(certificate.meeting, enrolled.meeting)) {
    throw new FormatError("meeting", "is another meeting");
  }
  if (!equal(certificate.room, room.digest)) throw new FormatError("room", "is another room");
  if (!equal(certificate.person, enrolled.person)) {
    throw new FormatError("person", "is another person");
  }
  if (!equal(certificate.enrolment, enrolled.digest)) {
    throw new FormatError("enrolment", "is the digest of another enrolment");
  }
  await verify(room.host, HOST_TYPE, body, signature);
  return certificate;
}

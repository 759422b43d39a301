// Headers of epochs: who an epoch of the recording is for (FORMAT.md, section 8).

import { type Bytes, compare } from "./bytes";
import { read } from "./document";
import { DIGEST_BYTES, digest, MEETING_BYTES, SUITE, XWING_PUBLIC_BYTES } from "./suite";

const TYPE = "assent/epoch/v1";
const MAX_BYTES = 8 * 1024 * 1024;

export interface HeaderPerson {
  readonly id: Bytes;
  readonly enrolment: Bytes;
  readonly watch: Bytes;
  readonly train: Bytes;
  readonly present: boolean;
  readonly watches: boolean;
}

export interface Header {
  readonly meeting: Bytes;
  readonly epoch: number;
  readonly began: number;
  readonly offset: number;
  readonly previous: Bytes | null;
  readonly charter: Bytes;
  readonly noticeVersion: number;
  readonly training: boolean;
  readonly vault: Bytes | null;
  readonly people: readonly HeaderPerson[];
  readonly digest: Bytes;
}

export async function parseHeader(body: Bytes): Promise<Header> {
  const fields = read(body, TYPE, MAX_BYTES, [
    "suite",
    "meeting",
    "epoch",
    "began",
    "offset",
    "previous",
    "charter",
    "notice_version",
    "training",
    "vault",
    "people",
  ]);
  fields.exactly("suite", SUITE);
  const epoch = fields.integer("epoch", 1);
  const previous = fields.bytesOrNull("previous", DIGEST_BYTES);
  if (epoch === 1 && previous !== null) fields.fail("previous", "is a header before the first");
  const training = fields.boolean("training");
  const vault = fields.bytesOrNull("vault", DIGEST_BYTES);
  // "Where `training` is false, `vault` is null."
  if (training !== (vault !== null)) {
    fields.fail("vault", "must be there exactly where training is offered");
  }
  const people = fields
    .children("people", ["id", "enrolment", "watch", "train", "present", "watches"])
    .map((person) => {
      const found = {
        id: person.bytes("id", DIGEST_BYTES),
        enrolment: person.bytes("enrolment", DIGEST_BYTES),
        watch: person.bytes("watch", XWING_PUBLIC_BYTES),
        train: person.bytes("train", XWING_PUBLIC_BYTES),
        present: person.boolean("present"),
        watches: person.boolean("watches"),
      };
      // "`watches` is true for those who are present, and for the meeting's hosts."
      if (found.present && !found.watches) {
        person.fail("watches", "is false for somebody who is present");
      }
      return found;
    });
  // "ordered by id bytes, each once"
  people.forEach((person, at) => {
    const before = people[at - 1];
    if (before !== undefined && compare(before.id, person.id) >= 0) {
      fields.fail("people", "are not ordered by id, each once");
    }
  });
  return {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    epoch,
    began: fields.integer("began"),
    offset: fields.integer("offset"),
    previous,
    charter: fields.bytes("charter", DIGEST_BYTES),
    noticeVersion: fields.integer("notice_version", 1),
    training,
    vault,
    people,
    digest: await digest(body),
  };
}

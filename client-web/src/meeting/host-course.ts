// The course of a meeting's hosts: who is one, and what their acts amount to (FORMAT.md, section 6).
//
// Pure: each function gives what is so afterwards, and leaves what was so as it is. Certificates and
// acts have been verified by whoever calls; what is judged here is whether they belong there. A page
// goes forward alone: what it has seen is not taken back.

import { encode, equal, type Bytes } from "../crypto/bytes";
import { HostError } from "../crypto/errors";
import type { HostAct } from "../crypto/host-acts";
import type { HostCertificate } from "../crypto/host-certificate";

export const MOST_ACTS = 4096;
export const MOST_HOSTS = 64;

export interface HostCourse {
  /** Of the newest act; 0 before there is one. */
  readonly sequence: number;
  /** By person id: digest of the enrolment that was certified. */
  readonly hosts: ReadonlyMap<string, string>;
  /** By person id: digest of the enrolment that a host has let in. */
  readonly admitted: ReadonlyMap<string, string>;
  readonly removed: ReadonlySet<string>;
  /** Whether a host has signed that it is to be recorded, and none since that it is not. */
  readonly armed: boolean;
  /** Sequence of the newest act of that kind; 0 before there is one. */
  readonly armedAt: number;
  /** Of the newest link. */
  readonly ordinal: number;
  /** Digests of all acts that were seen, by sequence. */
  readonly seen: ReadonlyMap<number, Bytes>;
}

export const NO_HOSTS: HostCourse = {
  sequence: 0,
  hosts: new Map(),
  admitted: new Map(),
  removed: new Set(),
  armed: false,
  armedAt: 0,
  ordinal: 1,
  seen: new Map(),
};

/** Take somebody for a host; throws HostError. */
export function certify(course: HostCourse, certificate: HostCertificate): HostCourse {
  const person = encode(certificate.person);
  if (!course.hosts.has(person) && course.hosts.size >= MOST_HOSTS) {
    throw new HostError("too-many-acts", "there are as many hosts as there can be");
  }
  return { ...course, hosts: new Map(course.hosts).set(person, encode(certificate.enrolment)) };
}

/** Whether somebody has a certificate, and was not removed. */
export function isHost(course: HostCourse, person: string): boolean {
  return course.hosts.has(person) && !course.removed.has(person);
}

/**
 * Take an act. It must be "above all it has seen, unless it is the very same", and by a host; throws
 * HostError where it is not.
 */
export function take(course: HostCourse, act: HostAct): HostCourse {
  if (act.sequence <= course.sequence) {
    const same = course.seen.get(act.sequence);
    if (same !== undefined && equal(same, act.digest)) return course;
    throw new HostError("stale-act", "another act has come before this one");
  }
  if (!isHost(course, encode(act.by))) {
    throw new HostError("not-a-host", "whoever has signed this is no host");
  }
  if (act.sequence > MOST_ACTS) {
    throw new HostError("too-many-acts", "there are as many acts as there can be");
  }
  const seen = new Map(course.seen).set(act.sequence, act.digest);
  const after = { ...course, sequence: act.sequence, seen };
  switch (act.what) {
    case "arm":
      return { ...after, armed: act.recording, armedAt: act.sequence };
    case "admit": {
      const admitted = new Map(course.admitted).set(encode(act.person), encode(act.enrolment));
      return { ...after, admitted };
    }
    case "remove":
      return { ...after, removed: new Set(course.removed).add(encode(act.person)) };
    case "link":
      if (act.ordinal <= course.ordinal) throw new HostError("stale-act", "is not a newer link");
      return { ...after, ordinal: act.ordinal };
  }
}

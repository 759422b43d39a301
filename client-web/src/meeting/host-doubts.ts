// What the server shows of a room, held against what hosts have signed: pure. What no act bears out is
// said, and a recording that nobody has signed for is not treated as one.

import type { Charter } from "../crypto/charter";
import type { Room, RoomPerson } from "../signalling/messages";
import { type HostCourse, isHost } from "./host-course";

/** What is to be said of somebody: the first that is so. */
export type Doubt = "removed" | "not-certified" | "not-admitted";

export interface Doubts {
  /** The server says that it records, or would, and no host has signed that it may. */
  readonly armed: boolean;
  readonly people: ReadonlyMap<string, Doubt>;
}

export const NO_DOUBTS: Doubts = { armed: false, people: new Map() };

export function doubtsOf(room: Room, course: HostCourse, charter: Charter): Doubts {
  if (room.you.state !== "admitted") return NO_DOUBTS;
  const people = new Map<string, Doubt>();
  for (const person of [...room.people, ...room.absent_hosts]) {
    const doubt = doubtOf(person, course, charter);
    if (doubt !== null) people.set(person.person, doubt);
  }
  return { armed: (room.armed || room.capture !== "off") && !course.armed, people };
}

function doubtOf(
  { enrolment, host, person }: RoomPerson,
  course: HostCourse,
  charter: Charter,
): Doubt | null {
  if (course.removed.has(person)) return "removed";
  const certified = isHost(course, person) && course.hosts.get(person) === enrolment;
  if (host && !certified) return "not-certified";
  const letIn = certified || course.admitted.get(person) === enrolment;
  return charter.waitingRoom && !letIn ? "not-admitted" : null;
}

import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { HostError } from "../../src/crypto/errors";
import { verifyAct } from "../../src/crypto/host-acts";
import { makeCertificate, verifyCertificate } from "../../src/crypto/host-certificate";
import { parseRoom } from "../../src/crypto/room";
import { believeEnrolment, type Enrolment } from "../../src/crypto/statement";
import { signer } from "../../src/crypto/suite";
import {
  certify,
  type HostCourse,
  isHost,
  MOST_ACTS,
  MOST_HOSTS,
  NO_HOSTS,
  take,
} from "../../src/meeting/host-course";
import { hosts, type Step } from "../hosts";

const charter = await parseCharter(decode(hosts.charter));
const room = await parseRoom(decode(hosts.room));
const enrolled = new Map<string, Enrolment>();
for (const [name, { document, signature }] of Object.entries(hosts.enrolments)) {
  enrolled.set(name, await believeEnrolment(decode(document), decode(signature), charter));
}

function named(name: string): Enrolment {
  const found = enrolled.get(name);
  if (found === undefined) throw new Error(name);
  return found;
}

const idOf = (name: string): string => encode(named(name).person);

async function certified(course: HostCourse, name: string): Promise<HostCourse> {
  const key = await signer(decode(hosts.host_key));
  const said = await makeCertificate(key, room.digest, named(name), 1);
  return certify(course, await verifyCertificate(said, room, named(name)));
}

async function actOf(step: Exclude<Step, { certificate: string }>) {
  const said = { body: decode(step.document), signature: decode(step.signature) };
  return await verifyAct(said, named(step.by));
}

describe("acts that a page is shown", () => {
  it.each(hosts.courses)("$name", async ({ page, steps }) => {
    let course = NO_HOSTS;
    for (const step of steps) {
      if ("certificate" in step) {
        course = await certified(course, step.certificate);
        continue;
      }
      const act = await actOf(step);
      const before = course;
      if (step.page === null) {
        course = take(before, act);
        continue;
      }
      let code: string | null = null;
      try {
        take(before, act);
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        ({ code } = error);
      }
      expect(code).toBe(step.page);
    }
    expect(course).toMatchObject({
      sequence: page.sequence,
      armed: page.armed,
      ordinal: page.ordinal,
    });
    expect(new Set(course.hosts.keys())).toEqual(new Set(page.hosts.map(idOf)));
    expect(new Set(course.admitted.keys())).toEqual(new Set(page.admitted.map(idOf)));
    expect(course.removed).toEqual(new Set(page.removed.map(idOf)));
    for (const name of page.hosts) {
      expect(isHost(course, idOf(name))).toBe(!page.removed.includes(name));
    }
  });
});

it("a page keeps so many acts and hosts at most", async () => {
  const course = await certified(NO_HOSTS, "Ada");
  const step = hosts.courses.find(({ name }) => name === "armed")?.steps[1];
  if (step === undefined || "certificate" in step) throw new Error("armed");
  const act = await actOf(step);
  expect(take(course, { ...act, sequence: MOST_ACTS }).sequence).toBe(MOST_ACTS);
  expect(() => take(course, { ...act, sequence: MOST_ACTS + 1 })).toThrow(HostError);
  const many = new Map([...Array(MOST_HOSTS).keys()].map((n) => [String(n), ""]));
  await expect(certified({ ...NO_HOSTS, hosts: many }, "Ada")).rejects.toThrow(HostError);
});

import { beforeEach, describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import { decode, encode } from "../../src/crypto/bytes";
import { type Charter, parseCharter } from "../../src/crypto/charter";
import { type Deed, makeAct } from "../../src/crypto/host-acts";
import { makeCertificate } from "../../src/crypto/host-certificate";
import { deriveKeys, type PersonKeys } from "../../src/crypto/keys";
import { parseRoom } from "../../src/crypto/room";
import { believeEnrolment, type Enrolment } from "../../src/crypto/statement";
import { signer } from "../../src/crypto/suite";
import { type Doubts, doubtsOf } from "../../src/meeting/host-doubts";
import { NO_HOSTS } from "../../src/meeting/host-course";
import { type Ask, Hosting } from "../../src/meeting/hosting";
import type { CertifiedHost, Hosts, Room, RoomPerson, Signed } from "../../src/signalling/messages";
import type { KeptRoom, RoomStore } from "../../src/store/rooms";
import { hosts } from "../hosts";

const charter = await parseCharter(decode(hosts.charter));
const room = await parseRoom(decode(hosts.room));
const hostKey = await signer(decode(hosts.host_key));

interface Somebody {
  readonly keys: PersonKeys;
  readonly enrolment: Enrolment;
  readonly id: string;
  readonly sent: Signed;
}

async function somebody(name: string): Promise<Somebody> {
  const sent = hosts.enrolments[name];
  if (sent === undefined) throw new Error(name);
  const keys = await deriveKeys(decode(hosts.seeds[name] ?? ""), charter.meeting);
  const body = decode(sent.document);
  const enrolment = await believeEnrolment(body, decode(sent.signature), charter);
  return { keys, enrolment, id: encode(enrolment.person), sent };
}

const ada = await somebody("Ada");
const bo = await somebody("Bo");

function sent({ body, signature }: { body: Uint8Array; signature: Uint8Array }): Signed {
  return { document: encode(body), signature: encode(signature) };
}

async function certificateOf(who: Somebody, key = hostKey): Promise<CertifiedHost> {
  const certificate = sent(await makeCertificate(key, room.digest, who.enrolment, 1));
  return { certificate, enrolment: who.sent };
}

async function actOf(who: Somebody, sequence: number, deed: Deed): Promise<Signed> {
  return sent(await makeAct(who.keys, sequence, deed, 1));
}

const said = (certificates: CertifiedHost[], acts: Signed[]): Hosts => ({
  type: "hosts",
  certificates,
  acts,
});
const ARM: Deed = { what: "arm", recording: true };
const STOP: Deed = { what: "arm", recording: false };

/** A server that takes acts in their order, shows them, and is told of others'. */
class Server {
  readonly took: Signed[] = [];
  /** What somebody else does just before. */
  before: (() => Promise<Signed>) | null = null;
  hosting: Hosting | null = null;

  readonly ask: Ask = async ({ document, signature, type }) => {
    if (type === "certify") return;
    const { before } = this;
    this.before = null;
    if (before !== null) this.#show(await before());
    const { sequence } = JSON.parse(new TextDecoder().decode(decode(document))) as {
      sequence: number;
    };
    if (sequence !== this.took.length + 1) throw new Refused("stale-act");
    this.#show({ document, signature });
  };

  #show(act: Signed): void {
    this.took.push(act);
    void this.hosting?.handle(said([], [act]));
  }
}

let server: Server;
let hosting: Hosting;

beforeEach(() => {
  server = new Server();
  hosting = new Hosting(charter, room, server.ask, () => undefined);
  server.hosting = hosting;
});

describe("what a page is shown of hosts", () => {
  it("is believed where it is signed as it must be", async () => {
    await hosting.handle(said([await certificateOf(ada)], [await actOf(ada, 1, ARM)]));
    expect(hosting.course.value).toMatchObject({ sequence: 1, armed: true });
    expect([hosting.isHost(ada.id), hosting.isHost(bo.id), hosting.isHost(null)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(hosting.untrue.value).toBe(false);
    // After a lost socket it all comes once more.
    await hosting.handle(said([await certificateOf(ada)], [await actOf(ada, 1, ARM)]));
    expect(hosting.untrue.value).toBe(false);
  });

  it.each<[string, () => Promise<Hosts>]>([
    ["an act by nobody with a certificate", async () => said([], [await actOf(ada, 1, ARM)])],
    ["an act by another", async () => said([await certificateOf(ada)], [await actOf(bo, 1, ARM)])],
    [
      "a certificate by another key",
      async () => said([await certificateOf(ada, ada.keys.sign)], [await actOf(ada, 1, ARM)]),
    ],
    [
      "a certificate of another enrolment",
      async () => {
        const { certificate } = await certificateOf(ada);
        return said([{ certificate, enrolment: bo.sent }], [await actOf(ada, 1, ARM)]);
      },
    ],
    [
      "an act with another's signature",
      async () => {
        const [one, other] = [await actOf(ada, 1, ARM), await actOf(ada, 2, ARM)];
        return said([await certificateOf(ada)], [{ ...one, signature: other.signature }]);
      },
    ],
    [
      "no document",
      async () => said([await certificateOf(ada)], [{ document: "AA", signature: "AA" }]),
    ],
  ])("is told to be untrue, and arms nothing: %s", async (_, shown) => {
    await hosting.handle(await shown());
    expect([hosting.untrue.value, hosting.course.value.armed]).toEqual([true, false]);
  });

  it("is untrue where one number comes with two acts", async () => {
    await hosting.handle(said([await certificateOf(ada)], [await actOf(ada, 1, STOP)]));
    await hosting.handle(said([], [await actOf(ada, 1, ARM)]));
    expect([hosting.untrue.value, hosting.course.value.armed]).toEqual([true, false]);
  });
});

describe("what a host signs", () => {
  beforeEach(async () => {
    await hosting.handle(said([await certificateOf(ada), await certificateOf(bo)], []));
  });

  it("goes one after the other", async () => {
    await Promise.all([hosting.act(ada.keys, ARM), hosting.act(ada.keys, STOP)]);
    await hosting.act(ada.keys, { what: "remove", person: bo.keys.person });
    expect(server.took).toHaveLength(3);
    expect(hosting.course.value.removed).toEqual(new Set([bo.id]));
  });

  it("is signed anew where another was faster", async () => {
    server.before = () => actOf(bo, 1, ARM);
    await hosting.act(ada.keys, { what: "remove", person: bo.keys.person });
    expect(hosting.course.value).toMatchObject({ sequence: 2, armed: true });
  });

  it("begins no recording that another has stopped meanwhile", async () => {
    server.before = () => actOf(bo, 1, STOP);
    await expect(hosting.act(ada.keys, ARM)).rejects.toThrow(Refused);
    expect(server.took).toHaveLength(1);
    await hosting.act(ada.keys, ARM);
    expect(hosting.course.value.armed).toBe(true);
  });

  it("is given up where the server shows nothing that came before", async () => {
    const dumb = new Hosting(
      charter,
      room,
      () => Promise.reject(new Refused("stale-act")),
      () => undefined,
    );
    await expect(dumb.act(ada.keys, STOP)).rejects.toThrow(Refused);
  });
});

describe("the host key", () => {
  const storeOf = (host: Uint8Array | null): RoomStore =>
    ({
      find: (id: string) =>
        Promise.resolve(
          host === null || id !== encode(room.digest)
            ? null
            : ({ room: id, host, savedAt: 1 } as KeptRoom),
        ),
    }) as unknown as RoomStore;

  it.each([
    ["that of this room", decode(hosts.host_key), true],
    ["another", new Uint8Array(32), false],
    ["none", null, false],
  ])("makes hosts where it is %s", async (_, key, holds) => {
    await hosting.findKey(storeOf(key));
    expect(hosting.holdsKey.value).toBe(holds);
    const done = hosting.certify(bo.enrolment).then(
      () => true,
      () => false,
    );
    expect(await done).toBe(holds);
  });
});

describe("what no host has signed", () => {
  const PERSON = { person: bo.id, enrolment: encode(bo.enrolment.digest), host: false };
  const waits: Charter = { ...charter, waitingRoom: true };
  const enrolled = new Map([[bo.id, PERSON.enrolment]]);
  const roomOf = (changes: object, person: object = {}): Room =>
    ({
      armed: false,
      capture: "off",
      you: { state: "admitted" },
      people: [{ ...PERSON, ...person } as RoomPerson],
      absent_hosts: [],
      ...changes,
    }) as unknown as Room;
  const of = (doubts: Doubts) => [doubts.armed, doubts.people.get(bo.id) ?? null];

  it.each<[string, [boolean, string | null], Doubts]>([
    ["nothing", [false, null], doubtsOf(roomOf({}), NO_HOSTS, charter)],
    ["armed", [true, null], doubtsOf(roomOf({ armed: true }), NO_HOSTS, charter)],
    ["recording", [true, null], doubtsOf(roomOf({ capture: "recording" }), NO_HOSTS, charter)],
    ["paused", [true, null], doubtsOf(roomOf({ capture: "paused" }), NO_HOSTS, charter)],
    [
      "armed, as was signed",
      [false, null],
      doubtsOf(roomOf({ armed: true }), { ...NO_HOSTS, armed: true }, charter),
    ],
    ["a host", [false, "not-certified"], doubtsOf(roomOf({}, { host: true }), NO_HOSTS, charter)],
    [
      "a certified host",
      [false, null],
      doubtsOf(roomOf({}, { host: true }), { ...NO_HOSTS, hosts: enrolled }, waits),
    ],
    [
      "a host with another enrolment",
      [false, "not-certified"],
      doubtsOf(
        roomOf({}, { host: true, enrolment: "" }),
        { ...NO_HOSTS, hosts: enrolled },
        charter,
      ),
    ],
    ["nobody let them in", [false, "not-admitted"], doubtsOf(roomOf({}), NO_HOSTS, waits)],
    ["let in", [false, null], doubtsOf(roomOf({}), { ...NO_HOSTS, admitted: enrolled }, waits)],
    [
      "let in with another enrolment",
      [false, "not-admitted"],
      doubtsOf(roomOf({}, { enrolment: "" }), { ...NO_HOSTS, admitted: enrolled }, waits),
    ],
    [
      "removed",
      [false, "removed"],
      doubtsOf(roomOf({}), { ...NO_HOSTS, removed: new Set([bo.id]) }, charter),
    ],
    [
      "outside, where nothing is shown",
      [false, null],
      doubtsOf(roomOf({ armed: true, you: { state: "waiting" } }), NO_HOSTS, charter),
    ],
  ])("%s", (_, expected, doubts) => {
    expect(of(doubts)).toEqual(expected);
  });

  it("is told once when it begins", () => {
    expect(hosting.judge(roomOf({ armed: true }))).toBe(true);
    expect(hosting.judge(roomOf({ armed: true, capture: "recording" }))).toBe(false);
    expect(hosting.judge(roomOf({}))).toBe(false);
    expect(hosting.doubts.value.armed).toBe(false);
    expect(hosting.judge(roomOf({ capture: "paused" }))).toBe(true);
  });
});

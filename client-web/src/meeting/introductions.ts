// Introductions: who the people of the room are, by what they have signed. A name is shown only where it
// gives the digest in the enrolment of whoever has it; and who cannot show that the invitation has
// brought them is told apart from those who can. The server can make neither.

import { type ReadonlySignal, signal } from "@preact/signals";

import { type Bytes, decode, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { CryptoError } from "../crypto/errors";
import { broughtKeyOf, broughtMac, type LinkSecret, parseFragment } from "../crypto/link-secret";
import { believeEnrolment } from "../crypto/statement";
import { nameDigest } from "../crypto/suite";
import type { IntroducedPerson, Introductions as Message, Room } from "../signalling/messages";
import type { StoredLink } from "../store/seats";

/** What is shown for a name that is not the one that was signed, or not known yet. */
export const NAMELESS = "?";

export interface Introduced {
  /** Digest of the enrolment, base64url; null where there is none that can be believed. */
  readonly enrolment: string | null;
  /** Null where what the server calls them is not what they have signed. */
  readonly name: string | null;
  /** Whether the invitation has brought them; null where this browser has none to tell by. */
  readonly brought: boolean | null;
}

export class Introductions {
  readonly known: ReadonlySignal<ReadonlyMap<string, Introduced>>;

  readonly #known = signal<ReadonlyMap<string, Introduced>>(new Map());
  readonly #charter: Charter;
  readonly #keys: Promise<readonly Bytes[]>;
  readonly #onChecked: () => void;
  #checking = 0;
  #queue: Promise<void> = Promise.resolve();

  /** `links` are those of the meeting that this browser has. */
  constructor(charter: Charter, links: readonly StoredLink[], onChecked: () => void) {
    this.known = this.#known;
    this.#charter = charter;
    this.#keys = Promise.all(links.flatMap(usable).map(broughtKeyOf));
    this.#onChecked = onChecked;
  }

  /** Whether somebody who was introduced is still being checked. */
  get busy(): boolean {
    return this.#checking > 0;
  }

  /** Check who was introduced; resolves when it is known. */
  handle({ people }: Message): Promise<void> {
    this.#checking += 1;
    const next = async (): Promise<void> => {
      try {
        const keys = await this.#keys;
        const found = new Map(this.#known.peek());
        for (const person of people) {
          const now = await introduced(person, this.#charter, keys);
          const before = found.get(person.person);
          // Whoever is somebody else all of a sudden is nobody.
          const same = before === undefined || before.enrolment === now.enrolment;
          found.set(person.person, same ? now : { ...now, enrolment: null, name: null });
        }
        this.#known.value = found;
      } finally {
        this.#checking -= 1;
      }
      if (!this.busy) this.#onChecked();
    };
    this.#queue = this.#queue.then(next, next);
    return this.#queue;
  }

  /** The room with the names that people have signed, and with no other. */
  named(room: Room): Room {
    const known = this.#known.peek();
    const shown = <Person extends { person: string; name: string; enrolment?: string }>(
      one: Person,
    ): Person => {
      const found = known.get(one.person);
      const theirs = one.enrolment === undefined || one.enrolment === found?.enrolment;
      return { ...one, name: (theirs ? found?.name : null) ?? NAMELESS };
    };
    return {
      ...room,
      people: room.people.map(shown),
      absent_hosts: room.absent_hosts.map(shown),
      waiting: room.waiting.map(shown),
    };
  }
}

/** A link as it was kept; none where it is cut off or changed, which tells whom it has brought no more. */
function usable({ fragment }: StoredLink): LinkSecret[] {
  try {
    return [parseFragment(fragment)];
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return [];
  }
}

/** What is to be thought of somebody; `keys` are those of the links that this browser has. */
export async function introduced(
  given: IntroducedPerson,
  charter: Charter,
  keys: readonly Bytes[],
): Promise<Introduced> {
  const stranger: Introduced = {
    enrolment: null,
    name: null,
    brought: keys.length === 0 ? null : false,
  };
  try {
    const body = decode(given.document);
    const enrolment = await believeEnrolment(body, decode(given.signature), charter);
    if (encode(enrolment.person) !== given.person) return stranger;
    return {
      enrolment: encode(enrolment.digest),
      name: (await isTheirs(given, enrolment.name)) ? given.name : null,
      brought: keys.length === 0 ? null : await wasBrought(given, charter, enrolment.digest, keys),
    };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return stranger;
  }
}

const SALT_BYTES = 32;

async function isTheirs({ name, salt }: IntroducedPerson, signed: Bytes): Promise<boolean> {
  const given = decode(salt);
  return given.length === SALT_BYTES && equal(await nameDigest(given, name), signed);
}

async function wasBrought(
  { brought }: IntroducedPerson,
  { meeting }: Charter,
  enrolment: Bytes,
  keys: readonly Bytes[],
): Promise<boolean> {
  if (brought === null) return false;
  const mac = decode(brought.mac);
  for (const key of keys) {
    if (equal(mac, await broughtMac(key, meeting, brought.ordinal, enrolment))) return true;
  }
  return false;
}

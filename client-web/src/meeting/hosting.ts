// Hosting: who is a host in this meeting and what hosts have signed, checked by this page; and what
// its own person signs as one. The host key makes somebody a host, and is in the browser that made the
// meeting; whoever the server alone calls a host can sign nothing that a page takes.

import { computed, type ReadonlySignal, signal } from "@preact/signals";

import { serverNow } from "../api/clock";
import { Refused } from "../api/errors";
import { decode, encode, equal } from "../crypto/bytes";
import type { Charter } from "../crypto/charter";
import { CryptoError, HostError } from "../crypto/errors";
import { type Deed, makeAct, parseAct, verifyAct } from "../crypto/host-acts";
import { type Enrolled, makeCertificate, verifyCertificate } from "../crypto/host-certificate";
import type { PersonKeys } from "../crypto/keys";
import type { RoomDocument } from "../crypto/room";
import { believeEnrolment, type Enrolment, type Signed } from "../crypto/statement";
import { signer, type Signer } from "../crypto/suite";
import type { CertifiedHost, Hosts, Room, Signed as SentSigned } from "../signalling/messages";
import type { RoomStore } from "../store/rooms";
import { type Doubts, doubtsOf, NO_DOUBTS } from "./host-doubts";
import { certify, type HostCourse, isHost, NO_HOSTS, take } from "./host-course";

/** Somebody else's acts may come between so often; then a person looks again. */
const TRIES = 5;

/** Sends what was signed; resolves when it has been carried out, rejects with Refused. */
export type Ask = (
  request: { readonly type: "certify" | "perform" } & SentSigned,
) => Promise<unknown>;

export class Hosting {
  readonly course: ReadonlySignal<HostCourse>;
  /** Whether the server has shown something that no host has signed, or two acts of one number. */
  readonly untrue: ReadonlySignal<boolean>;
  /** What the server shows of the room that no host has signed. */
  readonly doubts: ReadonlySignal<Doubts>;
  /** Whether this browser has the key that makes hosts in here. */
  readonly holdsKey: ReadonlySignal<boolean>;

  readonly #course = signal<HostCourse>(NO_HOSTS);
  readonly #untrue = signal(false);
  readonly #doubts = signal<Doubts>(NO_DOUBTS);
  readonly #hostKey = signal<Signer | null>(null);
  readonly #enrolled = new Map<string, Enrolment>();
  readonly #charter: Charter;
  readonly #room: RoomDocument;
  readonly #ask: Ask;
  readonly #onChecked: () => void;
  #checking = 0;
  #queue: Promise<void> = Promise.resolve();
  #acting: Promise<void> = Promise.resolve();

  constructor(charter: Charter, room: RoomDocument, ask: Ask, onChecked: () => void) {
    this.course = this.#course;
    this.untrue = this.#untrue;
    this.doubts = this.#doubts;
    this.holdsKey = computed(() => this.#hostKey.value !== null);
    this.#charter = charter;
    this.#room = room;
    this.#ask = ask;
    this.#onChecked = onChecked;
  }

  /** Whether something that came is still being checked. */
  get busy(): boolean {
    return this.#checking > 0;
  }

  /** Whether somebody, by their id, is a host, whatever the server says. */
  isHost(person: string | null): boolean {
    return person !== null && isHost(this.#course.value, person);
  }

  // ---- what others have signed ----------------------------------------------------------------

  /** Check what came; resolves when it is known. */
  handle({ acts, certificates }: Hosts): Promise<void> {
    this.#checking += 1;
    this.#queue = this.#queue.then(async () => {
      try {
        for (const one of certificates) await this.#judged(() => this.#takeCertificate(one));
        for (const one of acts) await this.#judged(() => this.#takeAct(one));
      } finally {
        this.#checking -= 1;
      }
      if (!this.busy) this.#onChecked();
    });
    return this.#queue;
  }

  /** Hold what the server shows against what hosts have signed; true where it now records without. */
  judge(room: Room): boolean {
    const before = this.#doubts.peek();
    const doubts = doubtsOf(room, this.#course.peek(), this.#charter);
    this.#doubts.value = doubts;
    return doubts.armed && !before.armed;
  }

  async #judged(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      this.#untrue.value = true;
    }
  }

  async #takeCertificate({ certificate, enrolment }: CertifiedHost): Promise<void> {
    const signed = signedOf(enrolment);
    const enrolled = await believeEnrolment(signed.body, signed.signature, this.#charter);
    const verified = await verifyCertificate(signedOf(certificate), this.#room, enrolled);
    this.#course.value = certify(this.#course.peek(), verified);
    this.#enrolled.set(encode(enrolled.person), enrolled);
  }

  async #takeAct(sent: SentSigned): Promise<void> {
    const signed = signedOf(sent);
    const by = this.#enrolled.get(encode((await parseAct(signed.body)).by));
    if (by === undefined) throw new HostError("not-a-host", "is by nobody with a certificate");
    this.#course.value = take(this.#course.peek(), await verifyAct(signed, by));
  }

  // ---- what this person signs -----------------------------------------------------------------

  /** Look for the host key; where this browser has it, its own person is a host, once certified. */
  async findKey(store: RoomStore): Promise<void> {
    // A browser that does not let us look has none.
    const kept = await store.find(encode(this.#room.digest)).catch(() => null);
    if (kept === null) return;
    const key = await signer(kept.host);
    if (equal(key.publicKey, this.#room.host)) this.#hostKey.value = key;
  }

  /** Say, with the host key, that somebody is a host. */
  async certify(enrolled: Enrolled): Promise<void> {
    const key = this.#hostKey.peek();
    if (key === null) throw new Refused("not-a-host");
    const said = await makeCertificate(key, this.#room.digest, enrolled, serverNow());
    await this.#ask({ type: "certify", ...sentOf(said) });
  }

  /** Say so of one's own person, where this browser can; who cannot comes in all the same. */
  async certifyMyself(enrolled: Enrolled): Promise<void> {
    if (this.#hostKey.peek() === null) return;
    try {
      await this.certify(enrolled);
    } catch (error) {
      if (!(error instanceof Refused) || error.code === "unreachable") throw error;
    }
  }

  /** Have something done, as the next act; one after the other. */
  act(keys: PersonKeys, deed: Deed): Promise<void> {
    const done = this.#acting.then(() => this.#perform(keys, deed));
    this.#acting = done.catch(() => undefined);
    return done;
  }

  async #perform(keys: PersonKeys, deed: Deed): Promise<void> {
    await this.#queue;
    const { armedAt } = this.#course.peek();
    for (let tries = 1; ; tries += 1) {
      const { sequence } = this.#course.peek();
      const said = await makeAct(keys, sequence + 1, deed, serverNow());
      try {
        await this.#ask({ type: "perform", ...sentOf(said) });
        await this.#queue; // what it has led to came before
        return;
      } catch (error) {
        const late = error instanceof Refused && error.code === "stale-act";
        if (!late || tries === TRIES) throw error;
        // The other act came before the refusal.
        await this.#queue;
        const course = this.#course.peek();
        const begins = deed.what === "arm" && deed.recording;
        // Whoever else has stopped the recording meanwhile is not overruled by a click from before.
        if (course.sequence === sequence || (begins && course.armedAt !== armedAt)) throw error;
      }
    }
  }
}

function signedOf({ document, signature }: SentSigned): Signed {
  return { body: decode(document), signature: decode(signature) };
}

function sentOf({ body, signature }: Signed): SentSigned {
  return { document: encode(body), signature: encode(signature) };
}

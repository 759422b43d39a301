// One person in one meeting, from the door to the end: ties the conversation, the keys, the answers
// and the media together. It knows nothing of pages; they read its signals and call its methods.
//
// door ──join──▶ joining ──▶ waiting ──▶ inside ──▶ over
//                        └──────────────▶ inside
//
// A lost connection changes none of these: the conversation comes back, and with every welcome the
// person asks to be let in again (which changes nothing for somebody who is in). The media
// connections go on if they still stand, and begin anew if not.

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";

import { handleServerTime, serverNow } from "../api/clock";
import { Refused } from "../api/errors";
import { api } from "../api/http";
import type { SignedDocument } from "../api/types";
import { Answers } from "../consent/answers";
import type { Draft } from "../consent/draft";
import { acknowledgedIn, keepAcknowledgement } from "../consent/remembering";
import { unsentAnswers } from "../consent/sending";
import { decode, encode, tryDecode } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import { deriveKeys, type PersonKeys } from "../crypto/keys";
import { type CheckedRecord, fetchRecord } from "../crypto/record";
import { makeEnrolment, type ShownNotice, verifyEnrolment } from "../crypto/statement";
import { digest, random, SEED_BYTES } from "../crypto/suite";
import type { LocalMedia } from "../media/local";
import {
  Conversation,
  type Event,
  type Listener,
  type Request,
  type Wire,
} from "../signalling/conversation";
import type { Device, Goodbye, Room, SubscribedTrack, Welcome } from "../signalling/messages";
import { watchNetwork } from "../signalling/network";
import { oneAtATime } from "../store/lock";
import type { SeatStore, StoredSeat } from "../store/seats";
import { type Entrance, seatLock } from "./entrance";
import { EpochWatch } from "./epoch-watch";
import { MediaConnections } from "./media-connections";

export type Over = Goodbye["reason"] | Refused;
export type Stage =
  | { readonly at: "door" | "joining" | "waiting" | "inside" }
  | { readonly at: "over"; readonly reason: Over };

export interface Wants {
  readonly name: string;
  /** What was picked at the door. */
  readonly draft: Draft;
  readonly shown: ShownNotice;
}

/** For somebody who was inside and is refused for a reason that may pass. */
const RETRY_MS = 2000;
export class MeetingSession implements Listener {
  readonly entrance: Entrance;
  readonly media: LocalMedia;
  readonly stage: ReadonlySignal<Stage>;
  readonly room: ReadonlySignal<Room | null>;
  readonly speakers: ReadonlySignal<readonly string[]>;
  /** The person's answers; null before the person has enrolled. */
  readonly answers: ReadonlySignal<Answers | null>;
  readonly watch: ReadonlySignal<EpochWatch | null>;
  /** Whether the server knows the person from before. */
  readonly known: ReadonlySignal<boolean>;
  /** Why the last attempt to join failed. */
  readonly refusal: ReadonlySignal<Refused | null>;
  /** What another device of the person's needs; null where none was drawn here. */
  readonly device: ReadonlySignal<Device | null>;
  /** Raised each time the host asks everyone again. */
  readonly asked: ReadonlySignal<number>;
  /** Whether the person has been shown their personal link and has taken note of it. */
  readonly linkSeen: Signal<boolean>;
  readonly conversation: Conversation;
  readonly connections: MediaConnections;

  readonly #stage = signal<Stage>({ at: "door" });
  readonly #room = signal<Room | null>(null);
  readonly #speakers = signal<readonly string[]>([]);
  readonly #answers = signal<Answers | null>(null);
  readonly #watch = signal<EpochWatch | null>(null);
  readonly #refusal = signal<Refused | null>(null);
  readonly #asked = signal(0);
  readonly #device = signal<Device | null>(null);
  readonly #known = signal(false);
  readonly #store: SeatStore;
  #seat: StoredSeat;
  #wants: Wants | null = null;
  #forgetNetwork: (() => void) | null = null;

  constructor(entrance: Entrance, media: LocalMedia, store: SeatStore, connect: () => Wire) {
    this.entrance = entrance;
    this.media = media;
    this.#store = store;
    this.#seat = entrance.seat;
    this.stage = this.#stage;
    this.room = this.#room;
    this.speakers = this.#speakers;
    this.answers = this.#answers;
    this.watch = this.#watch;
    this.refusal = this.#refusal;
    this.asked = this.#asked;
    this.device = this.#device;
    this.known = this.#known;
    this.linkSeen = signal(entrance.seat.enrolment !== null);
    this.conversation = new Conversation(connect, entrance.seat.token, this);
    this.conversation.probe = () => {
      const { at } = this.#stage.value;
      return at === "inside" || at === "waiting" ? { type: "join" } : null;
    };
    this.conversation.resumes = () => this.#stage.value.at === "inside";
    this.connections = new MediaConnections(media, this.conversation);
  }

  get seat(): StoredSeat {
    return this.#seat;
  }

  /** Whether this browser keeps keys longer than a page. */
  get keepsKeys(): boolean {
    return this.#store.lasting;
  }

  /** Whether the person's key outlives this page: in the browser's store, or in their own hands. */
  get keyKept(): boolean {
    return this.#store.lasting || this.linkSeen.peek();
  }

  /** The personal link, once there is a seed. */
  get receiptLink(): string | null {
    const { meeting, seed } = this.#seat;
    return seed === null ? null : receiptLink(meeting, seed);
  }

  /** Make ready whoever has been here before: their keys, and what they have answered. */
  async recall(): Promise<void> {
    if (this.#seat.seed === null || this.#seat.enrolment === null) return;
    const answers = await this.#prepare(this.#seat.seed, this.#seat.enrolment);
    try {
      const { checked, record } = await fetchRecord(answers.keys, api.receipt, serverNow());
      answers.adopt(checked);
      this.#known.value = true;
      if (record.meeting.ended_at !== null) this.#finish("ended");
    } catch (error) {
      // Not reachable now: the welcome says what the last answer was.
      if (!(error instanceof Refused)) throw error;
      // The page was left before the keys had arrived: then nothing has been asked yet, either.
      this.#known.value = error.code !== "not-enrolled" && error.code !== "not-found";
    }
    // What an earlier page has left is not waited for.
    void answers.resume().catch((error: unknown) => {
      this.#takeRefusal(error);
    });
  }

  // ---- joining --------------------------------------------------------------------------------

  /** Enrol, say what was answered, and ask to be let in. */
  async join(wants: Wants): Promise<void> {
    if (this.#stage.value.at !== "door") return;
    batch(() => {
      this.#stage.value = { at: "joining" };
      this.#refusal.value = null;
    });
    this.#wants = wants;
    // A name can be changed for as long as nobody has been told it.
    this.#seat = { ...this.#seat, name: wants.name };
    try {
      await this.#enrolHere(wants);
    } catch (error) {
      this.#fail(error instanceof Refused ? error : new Refused("not-understood"));
      if (error instanceof Refused || error instanceof CryptoError) return;
      throw error;
    }
    this.conversation.start();
  }

  /**
   * Draw the keys and sign the enrolment, and keep both before anybody is told of them. Another page
   * of this browser may have done so: then this one goes on as the same person, and what it has
   * drawn itself is forgotten.
   */
  async #enrolHere(wants: Wants): Promise<void> {
    if (this.#answers.value !== null) return;
    const { meeting } = this.#seat;
    const { enrolment, seed } = await oneAtATime(seatLock(meeting), async () => {
      const found = await this.#store.find(meeting);
      if (found !== null && found.seed !== null) this.#sitOn(found);
      for (;;) {
        const offered = await this.#signed(wants);
        this.#sitOn(await this.#store.adopt(offered));
        const { enrolment, seed } = this.#seat;
        if (seed !== null && enrolment !== null) return { enrolment, seed };
      }
    });
    await this.#prepare(seed, enrolment);
  }

  #sitOn(seat: StoredSeat): void {
    this.#seat = seat;
    this.conversation.token = seat.token;
  }

  /** The seat with keys and enrolment, drawn and signed now where they are missing. */
  async #signed(wants: Wants): Promise<StoredSeat> {
    if (this.#seat.enrolment !== null) return this.#seat;
    const { charter } = this.entrance;
    const seed = this.#seat.seed ?? random(SEED_BYTES);
    const keys = await deriveKeys(seed, charter.meeting);
    const { body, signature } = await makeEnrolment(keys, charter, wants.shown, serverNow());
    const enrolment = { document: encode(body), signature: encode(signature) };
    return { ...this.#seat, seed, enrolment };
  }

  async #prepare(
    seed: NonNullable<StoredSeat["seed"]>,
    signed: NonNullable<StoredSeat["enrolment"]>,
  ): Promise<Answers> {
    const { charter, vaultKey } = this.entrance;
    const keys = await deriveKeys(seed, charter.meeting);
    const enrolment = await verifyEnrolment(
      decode(signed.document),
      decode(signed.signature),
      charter,
    );
    const answers = new Answers(keys, charter, enrolment, {
      deliver: (said) =>
        this.#deliver(
          encode(said.body),
          encode(said.signature),
          said.sealed && encode(said.sealed),
        ),
      keep: async ({ digest: statement, sequence }, acknowledgement) => {
        const { server } = charter;
        await keepAcknowledgement({ keys, server, statement, sequence }, acknowledgement);
      },
      fetch: () => this.#fetch(keys),
      now: serverNow,
      unsent: unsentAnswers,
    });
    answers.useVaultKey(vaultKey);
    this.#answers.value = answers;
    this.#watch.value = new EpochWatch(
      charter,
      { person: keys.person, enrolment: enrolment.digest, watch: keys.watch, train: keys.train },
      () => answers.vaultKey.value?.digest ?? null,
      ({ epoch, header, problem }) => {
        this.conversation.tell({ type: "epoch_seen", epoch, header: encode(header), problem });
      },
      () => performance.now(),
    );
    return answers;
  }

  async #deliver(
    document: string,
    signature: string,
    sealed: string | null,
  ): Promise<SignedDocument | null> {
    if (this.conversation.state.value === "open" && this.#room.value?.you.person) {
      return await this.conversation.request({ type: "answer", document, signature, sealed });
    }
    return acknowledgedIn(await api.answer(document, signature, sealed), document);
  }

  async #fetch(keys: PersonKeys): Promise<CheckedRecord> {
    return (await fetchRecord(keys, api.receipt, serverNow())).checked;
  }

  // ---- what the server says -------------------------------------------------------------------

  handleWelcome(welcome: Welcome): void {
    handleServerTime(welcome.now);
    this.connections.handleRelays(welcome.ice_servers);
    void this.#comeIn(welcome).catch((error: unknown) => {
      if (error instanceof Refused && error.code === "unreachable") return; // lost again: next time
      this.#fail(error instanceof Refused ? error : new Refused("not-understood"));
      if (!(error instanceof Refused) && !(error instanceof CryptoError)) throw error;
    });
  }

  async #comeIn(welcome: Welcome): Promise<void> {
    const answers = this.#answers.value;
    const enrolment = this.#seat.enrolment;
    const returns = this.#stage.value.at === "inside";
    if (answers === null || enrolment === null)
      throw new Error("keys come before the conversation");
    if (welcome.enrolled && welcome.enrolment !== encode(answers.enrolment.digest)) {
      throw new Refused("already-enrolled");
    }
    if (returns) {
      // First of all, for it is what everybody waits for: in, where the server holds us to be gone,
      // and heard again.
      this.conversation.tell({ type: "join" });
      this.connections.resume();
    }
    if (!welcome.enrolled) {
      const acknowledgement = await this.conversation.request({
        type: "enrol",
        name: this.#seat.name,
        ...enrolment,
      });
      if (acknowledgement !== null) {
        const { server } = this.entrance.charter;
        const statement = answers.enrolment.digest;
        // Not waited for: nothing of what follows rests on it.
        void keepAcknowledgement(
          { keys: answers.keys, server, statement, sequence: 0 },
          acknowledgement,
        );
      }
    }
    await this.#align(answers, welcome.last_answer);
    const wants = this.#wants;
    if (wants !== null) await this.#sayAtDoor(answers, wants);
    await this.conversation.request({ type: "join" });
  }

  async #align(answers: Answers, lastAnswer: string | null): Promise<void> {
    const last =
      lastAnswer === null ? null : await digest(tryDecode(lastAnswer) ?? new Uint8Array());
    await answers.align(last);
    this.lookForVaultKey();
  }

  /** The vault may have made its key after the seat was taken: ask, where it is still missing. */
  lookForVaultKey(): void {
    const answers = this.#answers.value;
    if (answers === null || !this.entrance.charter.training || answers.vaultKey.value !== null)
      return;
    this.#fetch(answers.keys).then(
      ({ vaultKey }) => {
        answers.useVaultKey(vaultKey);
      },
      () => undefined, // asked again with the next look
    );
  }

  async #sayAtDoor(answers: Answers, { draft, shown }: Wants): Promise<void> {
    const before = answers.whole;
    if (!draft.changes(before) || answers.sending.value) return;
    // The person comes in all the same, unanswered for now, and is told.
    const said = answers.say(draft.wish(before), shown).then(
      () => {
        draft.clear();
      },
      (error: unknown) => {
        this.#takeRefusal(error);
      },
    );
    await Promise.race([said, answers.delayed()]);
  }

  #takeRefusal(error: unknown): void {
    if (!(error instanceof Refused) && !(error instanceof CryptoError)) throw error;
    this.#refusal.value = error instanceof Refused ? error : new Refused("bad-statement");
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case "room":
        this.#handleRoom(event);
        return;
      case "subscribe":
        this.connections.handleSubscribe(event);
        return;
      case "publish_again":
        this.connections.again();
        return;
      case "speakers":
        this.#speakers.value = event.people;
        return;
      case "layers":
        this.connections.handleLayers(event);
        return;
      case "epoch":
        void this.#watch.value?.handleEpoch(event);
        return;
      case "device":
        this.#device.value = event;
        return;
      case "asked":
        this.#asked.value += 1;
    }
  }

  #handleRoom(room: Room): void {
    // A token that has ended is of no use, and nobody should try it.
    if (room.you.device === null) this.#device.value = null;
    // Views come in order on one connection; a restarted server counts from the beginning.
    this.#room.value = room;
    this.#watch.value?.handleRoom(room);
    this.answers.value?.handleActs(room.you.revoked);
    const { at } = this.#stage.value;
    if (room.you.state === "admitted") {
      if (at === "joining" || at === "waiting") this.#goInside();
    } else if (room.you.state === "waiting" && at === "joining") {
      this.#stage.value = { at: "waiting" };
    }
  }

  handleOver(reason: Over): void {
    if (reason instanceof Refused) this.#fail(reason);
    else this.#finish(reason);
  }

  /** Coming in failed: for good, or it may be tried again, by itself for somebody who was inside. */
  #fail(refusal: Refused): void {
    if (!canRetry(refusal)) {
      this.#finish(refusal);
      return;
    }
    this.conversation.stop();
    if (this.#stage.value.at === "inside") {
      setTimeout(() => {
        if (this.#stage.value.at === "inside") this.conversation.start();
      }, RETRY_MS);
      return;
    }
    batch(() => {
      this.#stage.value = { at: "door" };
      this.#refusal.value = refusal;
    });
  }

  // ---- inside ---------------------------------------------------------------------------------

  #goInside(): void {
    this.#stage.value = { at: "inside" };
    // What was wrong with a device has been said at the door.
    this.media.microphone.problem.value = null;
    this.media.camera.problem.value = null;
    this.connections.begin();
    this.#forgetNetwork = watchNetwork(() => {
      this.conversation.nudge();
    });
  }

  /** A picture does not come: ask its sender for a whole one. */
  missing(person: string, source: SubscribedTrack["source"]): void {
    this.conversation.tell({ type: "key_frame", person, source });
  }

  /** What only hosts may ask for; resolves when it has been done. */
  async asHost(
    request: Extract<
      Request,
      { type: "admit" | "deny" | "remove" | "lock" | "arm" | "ask_again" | "end" }
    >,
  ): Promise<void> {
    await this.conversation.request(request);
  }

  /** Draw a token for another device; one drawn before ends, and so does the device that has it. */
  async drawDevice(): Promise<void> {
    await this.conversation.request({ type: "draw_device" });
  }

  /** End the token, and the device. */
  async endDevice(): Promise<void> {
    await this.conversation.request({ type: "end_device" });
    this.#device.value = null;
  }

  leave(): void {
    this.conversation.tell({ type: "leave" });
    // The message is on its way; nobody has to wait for the answer.
    setTimeout(() => {
      this.#finish("left");
    }, 50);
  }

  #finish(reason: Over): void {
    if (this.#stage.value.at === "over") return;
    this.#forgetNetwork?.();
    this.conversation.stop();
    this.connections.stop();
    this.#watch.value?.stop();
    this.#device.value = null;
    this.media.stop();
    this.#stage.value = { at: "over", reason };
  }
}

export function receiptLink(meeting: string, seed: Uint8Array): string {
  return `${location.origin}/r/${meeting}#${encode(seed)}`;
}

/** Refusals that pass: a full meeting may have a place later, a locked one may be opened. */
function canRetry({ code }: Refused): boolean {
  return ![
    "bad-token",
    "removed",
    "meeting-over",
    "meeting-not-found",
    "already-enrolled",
  ].includes(code);
}

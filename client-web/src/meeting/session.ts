// One person in one meeting, from the door to the end: ties the conversation, the identity and the
// media together. It knows nothing of pages; they read its signals and call its methods.
//
// door ──join──▶ joining ──▶ waiting ──▶ inside ──▶ over
//                        └──────────────▶ inside
//
// A lost connection changes none of these: the conversation comes back, and with every welcome the
// person asks to be let in again (which changes nothing for somebody who is in). The media
// connections go on if they still stand, and begin anew if not.

import { batch, type ReadonlySignal, signal } from "@preact/signals";

import { handleServerTime } from "../api/clock";
import { Refused } from "../api/errors";
import { api } from "../api/http";
import type { SignedDocument } from "../api/types";
import type { Answers } from "../consent/answers";
import type { Draft } from "../consent/draft";
import { acknowledgedIn } from "../consent/remembering";
import { encode } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import type { Deed } from "../crypto/host-acts";
import type { ShownNotice } from "../crypto/statement";
import type { LocalMedia } from "../media/local";
import {
  Conversation,
  type Event,
  type Listener,
  type Request,
  type Wire,
} from "../signalling/conversation";
import type { Device, Goodbye, Room, Welcome } from "../signalling/messages";
import { watchNetwork } from "../signalling/network";
import type { Source } from "../signalling/tracks";
import { keptLink } from "../store/links";
import { RoomStore } from "../store/rooms";
import type { SeatStore } from "../store/seats";
import type { Entrance } from "./entrance";
import { GenerationWatch } from "./generation-watch";
import { Hosting } from "./hosting";
import { Identity } from "./identity";
import { Introductions } from "./introductions";
import { MediaConnections } from "./media-connections";
import { canRetry } from "./retrying";

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
  readonly identity: Identity;
  readonly introductions: Introductions;
  readonly hosting: Hosting;
  readonly media: LocalMedia;
  readonly stage: ReadonlySignal<Stage>;
  readonly room: ReadonlySignal<Room | null>;
  readonly speakers: ReadonlySignal<readonly string[]>;
  readonly watch: ReadonlySignal<GenerationWatch | null>;
  /** Why the last attempt to join failed. */
  readonly refusal: ReadonlySignal<Refused | null>;
  /** What another device of the person's needs; null where none was drawn here. */
  readonly device: ReadonlySignal<Device | null>;
  /** Raised each time the host asks everyone again. */
  readonly asked: ReadonlySignal<number>;
  readonly conversation: Conversation;
  readonly connections: MediaConnections;

  readonly #stage = signal<Stage>({ at: "door" });
  readonly #room = signal<Room | null>(null);
  readonly #speakers = signal<readonly string[]>([]);
  readonly #watch = signal<GenerationWatch | null>(null);
  readonly #refusal = signal<Refused | null>(null);
  readonly #asked = signal(0);
  readonly #device = signal<Device | null>(null);
  #wants: Wants | null = null;
  /** The newest view of the room, while somebody in it is still being checked. */
  #held: Room | null = null;
  #forgetNetwork: (() => void) | null = null;

  constructor(entrance: Entrance, media: LocalMedia, store: SeatStore, connect: () => Wire) {
    this.entrance = entrance;
    this.media = media;
    this.identity = new Identity(entrance, store, {
      deliver: ({ body, sealed, signature }) =>
        this.#deliver(encode(body), encode(signature), sealed && encode(sealed)),
      onReady: (answers) => {
        this.#watchOver(answers);
      },
    });
    const { charter, room, seat } = entrance;
    const links = [seat.link, keptLink(seat.meeting)].filter((one) => one !== null);
    const handleHeld = this.#handleHeld.bind(this);
    this.introductions = new Introductions(charter, links, handleHeld);
    const ask = (request: Request) => this.conversation.request(request);
    this.hosting = new Hosting(charter, room, ask, handleHeld);
    this.stage = this.#stage;
    this.room = this.#room;
    this.speakers = this.#speakers;
    this.watch = this.#watch;
    this.refusal = this.#refusal;
    this.asked = this.#asked;
    this.device = this.#device;
    this.conversation = new Conversation(connect, entrance.seat.token, this);
    this.conversation.probe = () => {
      const { at } = this.#stage.value;
      return at === "inside" || at === "waiting" ? { type: "join" } : null;
    };
    this.conversation.resumes = () => this.#stage.value.at === "inside";
    this.connections = new MediaConnections(media, this.conversation);
  }

  /** Make ready whoever has been here before. */
  async recall(): Promise<void> {
    await this.hosting.findKey(new RoomStore());
    const record = await this.identity.recall();
    if (record !== null && record.meeting.ended_at !== null) this.#finish("ended");
    // What an earlier page has left is not waited for.
    void this.identity.answers
      .peek()
      ?.resume()
      .catch((error: unknown) => {
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
    try {
      await this.identity.enrol(wants.name, wants.shown);
    } catch (error) {
      this.#fail(error instanceof Refused ? error : new Refused("not-understood"));
      if (error instanceof Refused || error instanceof CryptoError) return;
      throw error;
    }
    // Another page of this browser may have taken a seat before this one.
    this.conversation.token = this.identity.seat.token;
    this.conversation.start();
  }

  /** See to it that nobody is in a recorded generation whom the person has not seen. */
  #watchOver({ agreed, enrolment, keys, vaultKey }: Answers): void {
    this.#watch.value = new GenerationWatch(
      this.entrance.charter,
      { person: keys.person, enrolment: enrolment.digest, agreed },
      () => vaultKey.value?.digest ?? null,
      ({ header, number, problem }) => {
        this.conversation.tell({ type: "generation_seen", number, header, problem });
      },
      () => performance.now(),
    );
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
    const answers = this.identity.answers.peek();
    const { enrolment } = this.identity.seat;
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
      const acknowledgement = await this.#enrol(answers);
      if (acknowledgement !== null) this.identity.handleEnrolled(answers, acknowledgement);
    }
    if (welcome.host && !welcome.certified) await this.hosting.certifyMyself(answers.enrolment);
    await this.identity.align(answers, welcome.last_answer);
    const wants = this.#wants;
    if (wants !== null) await this.#sayAtDoor(answers, wants);
    await this.conversation.request({ type: "join" });
  }

  async #enrol(answers: Answers): Promise<SignedDocument | null> {
    const { enrolment, name, salt } = this.identity.seat;
    if (enrolment === null || salt === null) throw new Error("nothing was signed");
    const brought = await this.identity.brought(answers);
    try {
      return await this.conversation.request({ type: "enrol", name, salt, ...enrolment, brought });
    } catch (error) {
      if (error instanceof Refused && error.field === "name") await this.identity.unsign();
      throw error;
    }
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
      case "introductions":
        void this.introductions.handle(event);
        return;
      case "hosts":
        void this.hosting.handle(event);
        return;
      case "room":
        // Of those whom it is the first to have, what they have signed is checked before.
        if (this.introductions.busy || this.hosting.busy) this.#held = event;
        else this.#handleRoom(event);
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
      case "generation":
        void this.#watch.value?.handleGeneration(event);
        return;
      case "device":
        this.#device.value = event;
        return;
      case "asked":
        this.#asked.value += 1;
    }
  }

  #handleHeld(): void {
    if (this.introductions.busy || this.hosting.busy) return;
    const room = this.#held;
    this.#held = null;
    if (room !== null) this.#handleRoom(room);
  }

  #handleRoom(told: Room): void {
    const room = this.introductions.named(told);
    // A token that has ended is of no use, and nobody should try it.
    if (room.you.device === null) this.#device.value = null;
    // Views come in order on one connection; a restarted server counts from the beginning.
    this.#room.value = room;
    // Where it would be recorded without a host's word, only what is sent knowingly is sent.
    if (this.hosting.judge(room)) this.media.hush();
    this.#watch.value?.handleRoom(room);
    this.identity.answers.peek()?.handleActs(room.you.revoked);
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
  missing(person: string, source: Source): void {
    this.conversation.tell({ type: "key_frame", person, source });
  }

  /** What a host may ask for without a signature; resolves when it has been done. */
  async asHost(
    request: Extract<Request, { type: "deny" | "lock" | "disarm" | "ask_again" | "end" }>,
  ): Promise<void> {
    await this.conversation.request(request);
  }

  /** What a host signs; resolves when it has been done. */
  async act(deed: Deed): Promise<void> {
    const answers = this.identity.answers.peek();
    if (answers === null) throw new Refused("not-enrolled");
    await this.hosting.act(answers.keys, deed);
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

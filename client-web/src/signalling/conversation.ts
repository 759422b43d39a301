// One person's conversation with the server: a socket that comes back by itself.
//
// ```
// idle ──start──▶ connecting ──hello──▶ greeting ──welcome──▶ open ──lost──▶ waiting ──▶ connecting …
//      any ──goodbye other than restarting or crowded, a refused token, or stop──▶ idle
// ```
//
// Requests are tied to their `ok` or `error` by id. When the socket is lost they fail with
// `unreachable`; whoever made one knows whether it is safe to make again. A socket can be dead
// without either side being told (a phone changes networks), so silence is probed.

import { type ReadonlySignal, signal } from "@preact/signals";

import { type Code, Refused } from "../api/errors";
import { Backoff } from "./backoff";
import {
  type ClientMessage,
  type Goodbye,
  type Hello,
  PROTOCOL,
  type Published,
  SERVER_MESSAGE_TYPES,
  type ServerMessage,
  type Signed,
  type Welcome,
} from "./messages";

export type ConnectionState = "idle" | "connecting" | "greeting" | "open" | "waiting";

/** What a request says, without the id that the conversation gives it. */
export type Request = WithoutId<Exclude<ClientMessage, Hello>>;
type WithoutId<Message> = Message extends unknown ? Omit<Message, "id"> : never;

/** What the server says by itself. */
export type Event = Exclude<
  ServerMessage,
  Welcome | Published | { type: "ok" | "error" | "goodbye" }
>;

export interface Listener {
  /** After every (re)connection, before anything else. */
  handleWelcome(welcome: Welcome): void;
  handleEvent(event: Event): void;
  /** The end; nothing follows, unless it is started again. */
  handleOver(reason: Goodbye["reason"] | Refused): void;
}

/** The part of WebSocket that is used, so that tests can bring a wire of their own. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

const CLOSE_BAD_TOKEN = 4403;
/** A connection that takes longer than this is given up and tried anew; after each try twice that. */
const FIRST_GREETING_MS = 2000;
const GREETING_MS = 8000;
/** When the network has changed, a try that is older than this was made on the former one. Where that
 * is only suspected, the next is given twice the time: a slow server is not a network that changed. */
const STALE_MS = 300;
/** The server speaks often; after this much silence it is asked whether it is there. */
const SILENCE_MS = 6000;
const PROBE_MS = 4000;
/** When something speaks for it that the socket is dead, an answer must come within this, or within
 * a few times what answers have been taking. */
const URGENT_MS = 400;
const ROUND_TRIPS = 4;

interface Pending {
  readonly resolve: (acknowledgement: Signed | null) => void;
  readonly reject: (error: Refused) => void;
}

export class Conversation {
  readonly state: ReadonlySignal<ConnectionState>;
  /** Whether a probe would be harmless now; set by whoever knows. */
  probe: () => Request | null = () => null;
  /** Whether what is connected beside the socket may go on after a lost one; set by whoever knows. */
  resumes: () => boolean = () => false;
  /** Says which seat this is; read with every connection. */
  token: string;

  readonly #state = signal<ConnectionState>("idle");
  readonly #connect: () => Wire;
  readonly #listener: Listener;
  readonly #backoff: Backoff;
  readonly #pending = new Map<number, Pending>();
  #wire: Wire | null = null;
  #nextId = 1;
  #published: ((sdp: string) => void) | null = null;
  #refusal: Refused | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Tries to connect since the last welcome, and when the last one began. */
  #tries = 0;
  #triedAt = 0;
  /** What the last answer took, in milliseconds. */
  #roundTrip = 0;
  /** When a question that is being waited for urgently was asked. */
  #urgent = false;

  constructor(
    connect: () => Wire,
    token: string,
    listener: Listener,
    backoff: Backoff = new Backoff(),
  ) {
    this.state = this.#state;
    this.#connect = connect;
    this.token = token;
    this.#listener = listener;
    this.#backoff = backoff;
  }

  start(): void {
    if (this.#state.peek() === "idle") this.#open();
  }

  /**
   * Ask for something; resolves when the server has carried it out, with what it has signed for a
   * statement, if it was one.
   */
  request(message: Request): Promise<Signed | null> {
    const wire = this.#wire;
    if (wire === null || this.#state.peek() !== "open") {
      return Promise.reject(new Refused("unreachable"));
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      wire.send(JSON.stringify({ ...message, id }));
    });
  }

  /** Say something whose failure changes nothing that could be mended here. */
  tell(message: Request): void {
    this.request(message).catch(() => undefined);
  }

  /** Offer the publishing connection; resolves with the server's answer. One at a time. */
  async publish(message: Extract<Request, { type: "publish" }>): Promise<string> {
    const answers: string[] = [];
    this.#published = (sdp) => {
      answers.push(sdp);
    };
    try {
      await this.request(message);
    } finally {
      this.#published = null;
    }
    const [answer] = answers;
    if (answer === undefined) throw new Refused("not-understood");
    return answer;
  }

  /** Drop the socket and begin a new one now: the network has changed, or media has failed. */
  restart(): void {
    if (this.#state.peek() === "waiting") this.#open();
    else if (this.#state.peek() !== "idle") this.#lost();
  }

  /** The browser says that the network has changed: come back at once, or see whether all is well. */
  nudge(): void {
    if (this.#state.peek() === "waiting") this.#open();
    else this.#doubt(STALE_MS);
  }

  /**
   * Media has stopped, which may be said again and again while it lasts: see whether the socket still
   * lives, or try anew where the last try has gone on for long. What waits goes on waiting, so that a
   * server that is away is not knocked at by all its people all the time. (Browsers also slow down a
   * page whose sockets fail often.)
   */
  doubt(): void {
    this.#doubt(STALE_MS * 2 ** (this.#tries - 1));
  }

  #doubt(stale: number): void {
    switch (this.#state.peek()) {
      case "open":
        if (!this.#urgent) this.#ask(Math.max(URGENT_MS, ROUND_TRIPS * this.#roundTrip));
        return;
      case "connecting":
        if (performance.now() - this.#triedAt > stale) this.#open();
        return;
      default:
    }
  }

  /** End it from here, without a word. */
  stop(): void {
    this.#state.value = "idle";
    this.#drop();
  }

  // ---- the socket -----------------------------------------------------------------------------

  #open(): void {
    this.#drop();
    this.#state.value = "connecting";
    const wire = this.#connect();
    this.#wire = wire;
    this.#refusal = null;
    this.#triedAt = performance.now();
    this.#after(Math.min(GREETING_MS, FIRST_GREETING_MS * 2 ** this.#tries), () => {
      this.#lost();
    });
    this.#tries += 1;
    wire.onopen = () => {
      this.#state.value = "greeting";
      const hello: Hello = {
        type: "hello",
        protocol: PROTOCOL,
        token: this.token,
        ...(this.resumes() ? { resume: true } : {}),
      };
      wire.send(JSON.stringify(hello));
    };
    wire.onmessage = ({ data }) => {
      this.#take(data);
    };
    wire.onclose = ({ code }) => {
      if (code === CLOSE_BAD_TOKEN) this.#end(this.#refusal ?? new Refused("bad-token"));
      else this.#lost();
    };
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#urgent = false;
    const wire = this.#wire;
    this.#wire = null;
    if (wire !== null) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close();
    }
    const failed = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of failed) reject(new Refused("unreachable"));
  }

  #lost(): void {
    this.#drop();
    this.#state.value = "waiting";
    this.#after(this.#backoff.next(), () => {
      this.#open();
    });
  }

  #end(reason: Goodbye["reason"] | Refused): void {
    this.stop();
    this.#listener.handleOver(reason);
  }

  #after(milliseconds: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds);
  }

  // ---- silence --------------------------------------------------------------------------------

  #heard(): void {
    if (this.#state.peek() !== "open") return;
    this.#urgent = false;
    this.#after(SILENCE_MS, () => {
      this.#ask(PROBE_MS);
    });
  }

  #ask(patience: number): void {
    const question = this.probe();
    if (question === null && this.#pending.size === 0) {
      this.#heard();
      return;
    }
    this.#urgent = patience < PROBE_MS;
    if (question !== null) {
      const asked = performance.now();
      this.request(question).then(
        () => {
          this.#roundTrip = performance.now() - asked;
        },
        () => undefined,
      );
    }
    this.#after(patience, () => {
      this.#lost();
      this.nudge();
    });
  }

  // ---- what arrives ---------------------------------------------------------------------------

  #take(data: unknown): void {
    const message = read(data);
    if (message === null) return;
    switch (message.type) {
      case "welcome":
        this.#backoff.reset();
        this.#tries = 0;
        this.#state.value = "open";
        this.#heard();
        this.#listener.handleWelcome(message);
        return;
      case "ok":
        this.#heard();
        if (message.id !== null) this.#settle(message.id)?.resolve(message.acknowledgement ?? null);
        return;
      case "error": {
        this.#heard();
        const { code, message: text, field } = message.error;
        const refused = new Refused(code as Code, text, field ?? null);
        if (message.id === null) this.#refusal = refused;
        else this.#settle(message.id)?.reject(refused);
        return;
      }
      case "published":
        this.#heard();
        this.#published?.(message.sdp);
        return;
      case "goodbye":
        if (message.reason === "restarting" || message.reason === "crowded") this.#lost();
        else this.#end(message.reason);
        return;
      default:
        this.#heard();
        this.#listener.handleEvent(message);
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}

/** A message of a newer server that we do not know is passed over, as a reader of JSON should. */
function read(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== "object" || message === null || !("type" in message)) return null;
    return typeof message.type === "string" && SERVER_MESSAGE_TYPES.has(message.type)
      ? (message as ServerMessage)
      : null;
  } catch {
    return null;
  }
}

/** Connect to the socket of a meeting on the server this page came from. */
export function socketOf(meeting: string): () => Wire {
  const url = new URL(`/api/meetings/${encodeURIComponent(meeting)}/socket`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  return () => new WebSocket(url) as unknown as Wire;
}

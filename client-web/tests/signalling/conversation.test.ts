import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Refused } from "../../src/api/errors";
import { Backoff } from "../../src/signalling/backoff";
import {
  Conversation,
  type Event,
  type Listener,
  type Wire,
} from "../../src/signalling/conversation";
import type { ClientMessage, Goodbye, ServerMessage, Welcome } from "../../src/signalling/messages";

/** The server's end of a socket. */
class FarEnd implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly heard: ClientMessage[] = [];
  closed = false;

  send(text: string): void {
    this.heard.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.closed = true;
  }

  say(message: ServerMessage | object | string): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  hangUp(code = 1006): void {
    this.onclose?.({ code });
  }

  /** Open, take the hello, and greet. */
  greet(): void {
    this.onopen?.();
    this.say(WELCOME);
  }

  get lastId(): number {
    const last = this.heard.at(-1);
    return last !== undefined && "id" in last ? (last.id ?? -1) : -1;
  }
}

const WELCOME: Welcome = {
  type: "welcome",
  ice_servers: [],
  person: null,
  enrolled: false,
  enrolment: null,
  last_answer: null,
  host: false,
  certified: false,
  now: 0,
};

class Ear implements Listener {
  welcomes = 0;
  readonly events: Event[] = [];
  readonly overs: (Goodbye["reason"] | Refused)[] = [];

  handleWelcome(): void {
    this.welcomes += 1;
  }

  handleEvent(event: Event): void {
    this.events.push(event);
  }

  handleOver(reason: Goodbye["reason"] | Refused): void {
    this.overs.push(reason);
  }
}

function begin(): { conversation: Conversation; wires: FarEnd[]; ear: Ear; latest: () => FarEnd } {
  const wires: FarEnd[] = [];
  const ear = new Ear();
  const connect = (): Wire => {
    const wire = new FarEnd();
    wires.push(wire);
    return wire;
  };
  const conversation = new Conversation(connect, "token", ear, new Backoff(() => 0));
  conversation.start();
  const latest = (): FarEnd => {
    const wire = wires.at(-1);
    if (wire === undefined) throw new Error("nobody has connected");
    return wire;
  };
  return { conversation, wires, ear, latest };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a conversation", () => {
  it("says hello first, and is open after the welcome", () => {
    const { conversation, ear, latest } = begin();
    expect(conversation.state.value).toBe("connecting");
    latest().onopen?.();
    expect(latest().heard).toEqual([{ type: "hello", protocol: 1, token: "token" }]);
    latest().say(WELCOME);
    expect(conversation.state.value).toBe("open");
    expect(ear.welcomes).toBe(1);
  });

  it("ties answers to requests by id", async () => {
    const { conversation, latest } = begin();
    latest().greet();
    const first = conversation.request({ type: "join" });
    const firstId = latest().lastId;
    const second = conversation.request({ type: "lock", locked: true });
    latest().say({
      type: "error",
      id: latest().lastId,
      error: { code: "forbidden", message: "No." },
    });
    const acknowledgement = { document: "d", signature: "s" };
    latest().say({ type: "ok", id: firstId, acknowledgement });
    await expect(first).resolves.toEqual(acknowledgement);
    await expect(second).rejects.toMatchObject({ code: "forbidden", message: "No." });
  });

  it("gives the answer to an offer", async () => {
    const { conversation, latest } = begin();
    latest().greet();
    const answer = conversation.publish({ type: "publish", sdp: "offer", tracks: [] });
    latest().say({ type: "published", sdp: "answer" });
    latest().say({ type: "ok", id: latest().lastId });
    await expect(answer).resolves.toBe("answer");
  });

  it("refuses requests while there is no line, and those that were lost with it", async () => {
    const { conversation, latest } = begin();
    await expect(conversation.request({ type: "join" })).rejects.toMatchObject({
      code: "unreachable",
    });
    latest().greet();
    const pending = conversation.request({ type: "join" });
    latest().hangUp();
    await expect(pending).rejects.toMatchObject({ code: "unreachable" });
  });

  it("comes back by itself, slower each time, and fast again after a welcome", async () => {
    const { conversation, ear, latest, wires } = begin();
    for (const [at, wait] of [250, 500, 1000, 2000, 2000].entries()) {
      latest().hangUp();
      expect(conversation.state.value).toBe("waiting");
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(wires).toHaveLength(at + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(wires).toHaveLength(at + 2);
    }
    latest().greet();
    expect(ear.welcomes).toBe(1);
    latest().hangUp();
    await vi.advanceTimersByTimeAsync(250);
    expect(wires).toHaveLength(7);
  });

  it("comes back after restarting, and after no other goodbye", async () => {
    const { conversation, ear, latest, wires } = begin();
    latest().greet();
    latest().say({ type: "goodbye", reason: "restarting" });
    latest().hangUp(1001);
    await vi.advanceTimersByTimeAsync(250);
    expect(wires).toHaveLength(2);
    latest().greet();
    latest().say({ type: "goodbye", reason: "removed" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(2);
    expect(conversation.state.value).toBe("idle");
    expect(ear.overs).toEqual(["removed"]);
  });

  it("ends with what the server said of the token", () => {
    const { ear, latest } = begin();
    latest().onopen?.();
    latest().say({ type: "error", id: null, error: { code: "meeting-full", message: "Full." } });
    latest().hangUp(4403);
    expect(ear.overs).toMatchObject([{ code: "meeting-full" }]);
  });

  it("can be started again after it has ended", () => {
    const { conversation, latest, wires } = begin();
    latest().onopen?.();
    latest().hangUp(4403);
    conversation.start();
    latest().greet();
    expect(wires).toHaveLength(2);
    expect(conversation.state.value).toBe("open");
  });

  it("gives up a connection that never greets", async () => {
    const { latest, wires } = begin();
    latest().onopen?.();
    await vi.advanceTimersByTimeAsync(2250);
    expect(wires).toHaveLength(2);
    expect(wires[0]?.closed).toBe(true);
    // A slow network is given more time with each try.
    await vi.advanceTimersByTimeAsync(3999);
    expect(wires).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(501);
    expect(wires).toHaveLength(3);
  });

  it("asks after silence, and begins anew where nothing answers", async () => {
    const { conversation, latest, wires } = begin();
    conversation.probe = () => ({ type: "join" });
    latest().greet();
    await vi.advanceTimersByTimeAsync(6000);
    expect(latest().heard.at(-1)).toMatchObject({ type: "join" });
    latest().say({ type: "ok", id: latest().lastId });
    await vi.advanceTimersByTimeAsync(6000);
    expect(latest().heard.filter(({ type }) => type === "join")).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(4000);
    expect(wires).toHaveLength(2);
  });

  it("takes silence after a request for a dead line even where it may not ask", async () => {
    const { conversation, latest, wires } = begin();
    latest().greet();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
    const pending = conversation.request({ type: "join" });
    const failed = expect(pending).rejects.toMatchObject({ code: "unreachable" });
    await vi.advanceTimersByTimeAsync(12_000);
    await failed;
    expect(wires).toHaveLength(2);
  });

  it("is dead where nothing answers soon when the network may have changed", async () => {
    const { conversation, latest, wires } = begin();
    conversation.probe = () => ({ type: "join" });
    latest().greet();
    conversation.nudge();
    await vi.advanceTimersByTimeAsync(399);
    latest().say({ type: "ok", id: latest().lastId });
    await vi.advanceTimersByTimeAsync(4000);
    expect(wires).toHaveLength(1);
    // What has taken that long to answer may do so again.
    conversation.nudge();
    await vi.advanceTimersByTimeAsync(4 * 399 - 1);
    expect(wires).toHaveLength(1);
    // To be asked again does not put it off.
    conversation.nudge();
    await vi.advanceTimersByTimeAsync(1);
    expect(wires).toHaveLength(2);
  });

  it("leaves a try that was made on the former network", async () => {
    const { conversation, wires } = begin();
    conversation.nudge();
    expect(wires).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(400);
    conversation.nudge();
    expect(wires).toHaveLength(2);
    expect(wires[0]?.closed).toBe(true);
  });

  it("says whether what is beside it may go on", () => {
    const { conversation, latest } = begin();
    latest().greet();
    conversation.resumes = () => true;
    conversation.restart();
    conversation.nudge();
    latest().onopen?.();
    expect(latest().heard).toEqual([{ type: "hello", protocol: 1, token: "token", resume: true }]);
  });

  it("comes back at once when the network does", () => {
    const { conversation, latest, wires } = begin();
    latest().hangUp();
    conversation.nudge();
    expect(wires).toHaveLength(2);
  });

  it("does not knock all the time at a server that is away, however often media is missed", async () => {
    const { conversation, latest, wires } = begin();
    latest().greet();
    latest().hangUp();
    for (let passed = 0; passed < 60_000; passed += 250) {
      conversation.doubt();
      await vi.advanceTimersByTimeAsync(250);
      if (!latest().closed) latest().hangUp();
    }
    expect(wires.length).toBeLessThan(45);
  });

  it("leaves a try that goes on for long while media is missed, each after twice the time", async () => {
    const { conversation, wires } = begin();
    const begun: number[] = [];
    for (let passed = 0; passed < 3000; passed += 50) {
      conversation.doubt();
      if (wires.length > begun.length) begun.push(passed);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(begun).toEqual([0, 350, 1000, 2250]);
  });

  it("passes over what it does not know", () => {
    const { conversation, ear, latest } = begin();
    latest().greet();
    for (const odd of ["", "nonsense", "null", "[]", '{"type":7}', '{"type":"confetti"}'])
      latest().say(odd);
    latest().say({ type: "asked" });
    latest().say({ type: "publish_again" });
    expect(ear.events).toEqual([{ type: "asked" }, { type: "publish_again" }]);
    expect(conversation.state.value).toBe("open");
  });

  it("hears nothing more after it has been stopped", () => {
    const { conversation, ear, latest } = begin();
    latest().greet();
    const wire = latest();
    conversation.stop();
    wire.say({ type: "asked" });
    wire.hangUp();
    expect(wire.closed).toBe(true);
    expect(ear.events).toEqual([]);
    expect(conversation.state.value).toBe("idle");
  });
});

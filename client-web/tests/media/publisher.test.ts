// The publishing connection, on connections that a test decides about.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Publisher } from "../../src/media/publisher";

/** A connection that, once closed, answers nothing that was asked before: so browsers may do. */
class Connection {
  static made: Connection[] = [];
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  remote: string | null = null;
  closed = false;
  /** Called to let a browser that takes its time go on. */
  readonly go: (() => void)[] = [];

  constructor() {
    Connection.made.push(this);
  }

  addTransceiver(): object {
    const sender = {
      track: null,
      replaceTrack: () => Promise.resolve(),
      getParameters: () => ({ encodings: [] }),
    };
    return { mid: "0", sender, direction: "sendonly", setCodecPreferences: () => undefined };
  }

  setLocalDescription(): Promise<void> {
    return new Promise((resolve) => {
      this.go.push(() => {
        this.localDescription = { sdp: `offer ${String(Connection.made.indexOf(this))}` };
        if (!this.closed) resolve();
      });
    });
  }

  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp;
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A publisher of a microphone that has begun to negotiate, and what it has offered so far. */
async function begun(): Promise<{ offered: string[]; publisher: Publisher }> {
  const offered: string[] = [];
  const publisher = new Publisher((sdp) => {
    offered.push(sdp);
    return Promise.resolve(`answer to ${sdp}`);
  });
  publisher.set("microphone", { kind: "audio" } as MediaStreamTrack);
  publisher.restart();
  await settle();
  return { offered, publisher };
}

describe("a connection that is made anew while the one before is being negotiated", () => {
  beforeEach(() => {
    Connection.made = [];
    vi.stubGlobal("RTCPeerConnection", Connection);
    vi.stubGlobal("RTCRtpSender", { getCapabilities: () => ({ codecs: [] }) });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is negotiated, whatever becomes of the other", async () => {
    const { offered, publisher } = await begun();
    publisher.restart();
    await settle();
    const [first, second] = Connection.made;
    expect(first?.closed).toBe(true);
    first?.go[0]?.();
    second?.go[0]?.();
    await settle();
    expect(offered).toEqual(["offer 1"]);
    expect(second?.remote).toBe("answer to offer 1");
    publisher.stop();
  });

  it("is the only one that is offered, if the other goes on as well", async () => {
    const { offered, publisher } = await begun();
    const [first] = Connection.made;
    publisher.restart();
    if (first !== undefined) first.closed = false;
    first?.go[0]?.();
    await settle();
    expect(offered).toEqual([]);
    expect(first?.remote).toBeNull();
    publisher.stop();
  });
});

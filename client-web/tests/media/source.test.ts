// Devices that are chosen, changed, muted by the system and unplugged; tracks stand in for them.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LocalMedia } from "../../src/media/local";
import { Source } from "../../src/media/source";

class Track extends EventTarget {
  readonly kind: "audio" | "video";
  readonly device: string;
  readyState: "live" | "ended" = "live";
  enabled = true;
  muted = false;

  constructor(kind: "audio" | "video", device: string) {
    super();
    this.kind = kind;
    this.device = device;
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.device };
  }

  stop(): void {
    this.readyState = "ended";
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

const named = (name: string): DOMException => new DOMException("", name);

/** What a machine has, and what it does when asked: as Chromium does, `ideal` means nothing. */
class Machine extends EventTarget {
  readonly opened: Track[] = [];
  readonly log: string[] = [];
  /** Phones have one camera open at a time. */
  exclusive = false;
  broken = new Set<string>();
  plugged: string[];

  constructor(...plugged: string[]) {
    super();
    this.plugged = plugged;
  }

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    const listed = this.plugged.map((deviceId) => ({
      deviceId,
      kind: deviceId.startsWith("mic") ? "audioinput" : "videoinput",
      label: deviceId,
    }));
    return Promise.resolve(listed as MediaDeviceInfo[]);
  }

  async getUserMedia(wish: MediaStreamConstraints): Promise<MediaStream> {
    const tracks: Track[] = [];
    for (const [kind, key] of [
      ["audio", "mic"],
      ["video", "cam"],
    ] as const) {
      const constraints = wish[kind] as MediaTrackConstraints | undefined;
      if (constraints === undefined) continue;
      const exact = (constraints.deviceId as { exact?: string } | undefined)?.exact;
      const there = this.plugged.filter((one) => one.startsWith(key));
      const device = exact ?? there[0];
      await Promise.resolve();
      this.log.push(`open ${device ?? "none"}`);
      if (exact !== undefined && !there.includes(exact)) throw named("OverconstrainedError");
      if (device === undefined) throw named("NotFoundError");
      const live = this.opened.filter((one) => one.readyState === "live" && one.kind === kind);
      if (this.exclusive && kind === "video" && live.length > 0) throw named("NotReadableError");
      if (this.broken.has(device)) throw named("NotReadableError");
      const track = new Track(kind, device);
      tracks.push(track);
      this.opened.push(track);
    }
    const of = (kind: string): Track[] => tracks.filter((one) => one.kind === kind);
    return {
      getTracks: () => tracks,
      getAudioTracks: () => of("audio"),
      getVideoTracks: () => of("video"),
    } as unknown as MediaStream;
  }

  get live(): string[] {
    return this.opened.filter(({ readyState }) => readyState === "live").map((one) => one.device);
  }
}

function media(machine: Machine): LocalMedia {
  return new LocalMedia(machine as unknown as MediaDevices);
}

const storage = (): object => {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => kept.set(name, text),
  };
};

beforeEach(() => {
  vi.stubGlobal("localStorage", storage());
  vi.stubGlobal("sessionStorage", storage());
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a device that is chosen", () => {
  it("is the one that is used, now and next time", async () => {
    const machine = new Machine("mic1", "mic2", "cam1", "cam2", "cam3");
    const first = media(machine);
    await first.startBoth();
    expect(machine.live).toEqual(["mic1", "cam1"]);
    await first.choose("camera", "cam3");
    await first.choose("microphone", "mic2");
    expect(first.inUse("camera")).toBe("cam3");
    expect(first.inUse("microphone")).toBe("mic2");
    expect(machine.live).toEqual(["cam3", "mic2"]);
    first.stop();
    const next = media(machine);
    await next.startBoth();
    expect(machine.live).toEqual(["mic2", "cam3"]);
  });

  it("goes on while the next one is opened", async () => {
    const machine = new Machine("cam1", "cam2");
    const local = media(machine);
    await local.start("camera");
    const [former] = machine.opened;
    const changing = local.choose("camera", "cam2");
    expect(former?.readyState).toBe("live");
    await changing;
    expect(machine.live).toEqual(["cam2"]);
  });

  it("is not used in the end when another was chosen meanwhile", async () => {
    const machine = new Machine("cam1", "cam2", "cam3");
    const local = media(machine);
    await local.start("camera");
    await Promise.all([local.choose("camera", "cam2"), local.choose("camera", "cam3")]);
    expect(machine.live).toEqual(["cam3"]);
    const changing = local.choose("camera", "cam1");
    local.darken();
    await changing;
    expect(machine.live).toEqual([]);
  });

  it("is asked for again when it was not there, and another is used till then", async () => {
    const machine = new Machine("cam1", "cam2");
    const local = media(machine);
    await local.start("camera");
    await local.choose("camera", "cam2");
    local.stop();
    machine.plugged = ["cam1"];
    const without = media(machine);
    await without.start("camera");
    expect(machine.live).toEqual(["cam1"]);
    expect(without.camera.notice.value).toBe("not-there");
    without.stop();
    machine.plugged = ["cam1", "cam2"];
    const back = media(machine);
    await back.start("camera");
    expect(machine.live).toEqual(["cam2"]);
  });

  it("is not another one that the browser gave instead", async () => {
    const source = new Source(() =>
      Promise.resolve(new Track("video", "cam9") as unknown as MediaStreamTrack),
    );
    await source.start(null);
    expect(await source.change("cam2")).toBe(false);
    expect(source.notice.value).toBe("not-changed");
    expect(source.device).toBe("cam9");
  });

  it("keeps a microphone muted", async () => {
    const machine = new Machine("mic1", "mic2");
    const local = media(machine);
    await local.start("microphone");
    local.mute(true);
    await local.choose("microphone", "mic2");
    expect(machine.opened.at(-1)?.enabled).toBe(false);
    expect(media(machine).muted.value).toBe(true); // also after a reload
  });
});

describe("where one camera is open at a time", () => {
  it("the former is stopped first, the second time without trying", async () => {
    const machine = new Machine("cam1", "cam2");
    machine.exclusive = true;
    const local = media(machine);
    await local.start("camera");
    await local.choose("camera", "cam2");
    expect(machine.live).toEqual(["cam2"]);
    expect(local.inUse("camera")).toBe("cam2");
    machine.log.length = 0;
    await local.choose("camera", "cam1");
    expect(machine.live).toEqual(["cam1"]);
    expect(machine.log).toEqual(["open cam1"]);
  });

  it("the former comes back when the other fails", async () => {
    const machine = new Machine("cam1", "cam2");
    machine.exclusive = true;
    machine.broken.add("cam2");
    const local = media(machine);
    await local.start("camera");
    await local.choose("camera", "cam2");
    expect(machine.live).toEqual(["cam1"]);
    expect(local.camera.notice.value).toBe("not-changed");
    expect(local.inUse("camera")).toBe("cam1");
    local.stop();
    await local.start("camera"); // and what failed was not kept as the choice
    expect(machine.live).toEqual(["cam1"]);
  });

  it("the former may end by itself", async () => {
    const machine = new Machine("cam1", "cam2");
    const local = media(machine);
    await local.start("camera");
    const [former] = machine.opened;
    const changing = local.choose("camera", "cam2");
    await Promise.resolve();
    former?.end();
    await changing;
    expect(machine.live).toEqual(["cam2"]);
    expect(local.camera.problem.value).toBeNull();
  });

  it("it is said when neither can be had", async () => {
    const machine = new Machine("cam1", "cam2");
    machine.exclusive = true;
    const local = media(machine);
    await local.start("camera");
    machine.broken = new Set(["cam1", "cam2"]);
    await local.choose("camera", "cam2");
    expect(machine.live).toEqual([]);
    expect(local.camera.problem.value).toBe("in-use");
  });
});

describe("a device that gives nothing", () => {
  it("is told apart from one that its person has muted", async () => {
    const machine = new Machine("mic1", "cam1");
    const local = media(machine);
    await local.startBoth();
    const [microphone, camera] = machine.opened;
    expect(local.silence.microphone.value).toBeNull();
    microphone?.setMuted(true);
    camera?.setMuted(true);
    expect(local.silence.microphone.value).toBe("system");
    expect(local.silence.camera.value).toBe("system");
    local.mute(true);
    expect(local.silence.microphone.value).toBe("self");
    local.mute(false);
    microphone?.setMuted(false);
    expect(local.silence.microphone.value).toBeNull();
    local.darken();
    expect(local.silence.camera.value).toBe("self");
  });

  it("because it is not plugged in any more is let go of, also where nobody says so", async () => {
    const machine = new Machine("mic1", "mic2");
    const local = media(machine);
    await local.start("microphone");
    machine.plugged = ["mic2"]; // the sound server would go on with this one
    machine.dispatchEvent(new Event("devicechange"));
    await vi.waitFor(() => {
      expect(local.microphone.problem.value).toBe("gone");
    });
    expect(machine.live).toEqual([]);
    await local.start("microphone");
    expect(machine.live).toEqual(["mic2"]);
    machine.opened.at(-1)?.end();
    expect(local.microphone.problem.value).toBe("gone");
  });
});

describe("a page that is begun anew", () => {
  it("leaves the camera off where it was off", async () => {
    const machine = new Machine("mic1", "cam1");
    const local = media(machine);
    await local.startBoth();
    local.darken();
    local.stop();
    const again = media(machine);
    await again.startBoth();
    expect(machine.live).toEqual(["mic1"]);
    await again.start("camera");
    expect(machine.live).toEqual(["mic1", "cam1"]);
  });
});

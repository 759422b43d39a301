import { describe, expect, it } from "vitest";

import { levelOf } from "../../src/media/level";
import { problemOf } from "../../src/media/problems";
import { type Counts, isWeak } from "../../src/media/health";
import { cameraEncodings, screenEncoding } from "../../src/media/quality";
import { sessionId, usable } from "../../src/media/sdp";
import type { BrowserSource } from "../../src/signalling/tracks";

describe("session descriptions", () => {
  it("name their session", () => {
    expect(sessionId("v=0\r\no=- 4711 2 IN IP4 127.0.0.1\r\ns=-\r\n")).toBe("4711");
    expect(sessionId("v=0\r\n")).toBe("");
  });

  it("offer only what the server forwards", () => {
    const codecs = ["video/rtx", "video/AV1", "video/H264", "video/red", "video/VP8"].map(
      (mimeType) => ({
        mimeType,
        clockRate: 90_000,
      }),
    );
    expect(usable("camera", codecs).map(({ mimeType }) => mimeType)).toEqual([
      "video/VP8",
      "video/H264",
      "video/AV1",
      "video/rtx",
    ]);
  });

  it("offer a voice redundantly first, and other sound plainly", () => {
    const codecs = ["audio/opus", "audio/red", "audio/PCMU"].map((mimeType) => ({
      mimeType,
      clockRate: 48_000,
    }));
    const offered = (source: BrowserSource): string[] =>
      usable(source, codecs).map(({ mimeType }) => mimeType);
    expect(offered("microphone")).toEqual(["audio/red", "audio/opus"]);
    expect(offered("screen-audio")).toEqual(["audio/opus"]);
  });
});

describe("levels", () => {
  it("run from silence to loud speech", () => {
    const tone = (amplitude: number): Float32Array =>
      Float32Array.from({ length: 1024 }, (_, at) => amplitude * Math.sin(at / 5));
    expect(levelOf(new Float32Array(1024))).toBe(0);
    expect(levelOf(tone(1))).toBe(1);
    expect(levelOf(tone(0.05))).toBeGreaterThan(0.3);
    expect(levelOf(tone(0.05))).toBeLessThan(0.8);
  });
});

describe("quality", () => {
  const lines = (camera: number, wanted: number): number[] =>
    cameraEncodings(camera, 3, wanted)
      .filter(({ active }) => active)
      .map(({ scaleResolutionDownBy }) => Math.round(camera / scaleResolutionDownBy));

  it("comes in layers, each half as high as the next", () => {
    expect(lines(720, 3)).toEqual([180, 360, 720]);
    expect(lines(1080, 3)).toEqual([180, 360, 720]);
    expect(lines(540, 3)).toEqual([135, 270, 540]);
  });

  it("leaves out layers that nobody needs, but one", () => {
    expect(lines(720, 2)).toEqual([180, 360]);
    expect(lines(720, 1)).toEqual([180]);
    expect(lines(720, 0)).toEqual([180]);
  });

  it("has no layers too small to be of use", () => {
    expect(lines(480, 3)).toEqual([240, 480]);
    expect(lines(480, 1)).toEqual([240]);
    expect(lines(240, 3)).toEqual([240]);
    expect(lines(240, 0)).toEqual([240]);
    expect(lines(100, 1)).toEqual([100]);
  });

  it("gives more bits to more lines", () => {
    const bits = cameraEncodings(720, 3, 3).map(({ maxBitrate }) => maxBitrate);
    expect(bits).toEqual([...bits].sort((one, other) => one - other));
    expect(bits[0]).toBeLessThan(150_000);
    expect(bits[2]).toBeGreaterThan(1_500_000);
  });

  it("of a picture in one layer is all or nothing", () => {
    expect(cameraEncodings(720, 1, 0)[0]?.active).toBe(false);
    expect(screenEncoding(2160, 1)).toMatchObject({ active: true, scaleResolutionDownBy: 1.5 });
    expect(screenEncoding(1080, 0).active).toBe(false);
  });
});

describe("connections", () => {
  const counts = (received: number, lost: number, roundTrip: number | null = 0.05): Counts => ({
    received,
    lost,
    roundTrip,
  });

  it("are weak where much is lost or late", () => {
    expect(isWeak(counts(0, 0), counts(1000, 20))).toBe(false);
    expect(isWeak(counts(0, 0), counts(1000, 100))).toBe(true);
    expect(isWeak(counts(1000, 100), counts(2000, 110))).toBe(false);
    expect(isWeak(counts(0, 0), counts(1000, 0, 0.8))).toBe(true);
    expect(isWeak(counts(0, 0), counts(1000, 0, null))).toBe(false);
  });

  it("that carry next to nothing are not judged", () => {
    expect(isWeak(counts(0, 0), counts(10, 5))).toBe(false);
  });

  it("that were made anew count from the beginning", () => {
    expect(isWeak(counts(5000, 400), counts(100, 0))).toBe(false);
  });
});

describe("problems of devices", () => {
  it("are told apart", () => {
    const named = (name: string): DOMException => new DOMException("", name);
    expect(problemOf(named("NotAllowedError"))).toBe("refused");
    expect(problemOf(named("NotReadableError"))).toBe("in-use");
    expect(problemOf(named("NotFoundError"))).toBe("none");
    expect(problemOf(new TypeError("?"))).toBe("other");
    expect(problemOf(null)).toBe("other");
  });
});

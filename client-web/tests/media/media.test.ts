import { describe, expect, it } from "vitest";

import { levelOf } from "../../src/media/level";
import { problemOf } from "../../src/media/problems";
import { qualityFor } from "../../src/media/quality";
import { sessionId, usable } from "../../src/media/sdp";

describe("session descriptions", () => {
  it("name their session", () => {
    expect(sessionId("v=0\r\no=- 4711 2 IN IP4 127.0.0.1\r\ns=-\r\n")).toBe("4711");
    expect(sessionId("v=0\r\n")).toBe("");
  });

  it("offer only what the server forwards", () => {
    const codecs = ["video/VP8", "video/rtx", "video/H264", "video/red", "video/AV1"].map(
      (mimeType) => ({
        mimeType,
        clockRate: 90_000,
      }),
    );
    expect(usable("video", codecs).map(({ mimeType }) => mimeType)).toEqual([
      "video/VP8",
      "video/rtx",
    ]);
    expect(
      usable("audio", [
        { mimeType: "audio/opus", clockRate: 48_000 },
        { mimeType: "audio/PCMU", clockRate: 8000 },
      ]),
    ).toHaveLength(1);
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
  it("falls as more people come", () => {
    const heights = [1, 2, 3, 6, 7, 12, 13, 50].map((people) => qualityFor(people).height);
    expect(heights).toEqual([720, 720, 540, 540, 360, 360, 240, 240]);
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

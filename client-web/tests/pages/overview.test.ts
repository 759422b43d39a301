// The overview's words: what is not known is said as not known.

import { beforeEach, describe, expect, it, vi } from "vitest";

import { certificateText, diskText } from "../../src/pages/console/overview";

const DAY_MS = 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  return () => {
    vi.unstubAllGlobals();
  };
});

describe("a certificate", () => {
  it("has whole days left", () => {
    const left = (ms: number): string =>
      certificateText({ at: 1000, certificate: { expires_at: 1000 + ms } });
    expect(left(2 * DAY_MS)).toContain("2 days left");
    expect(left(2 * DAY_MS - 1)).toContain("1 day left");
    expect(left(0)).toContain("0 days left");
    expect(left(-1)).toBe("expired");
  });

  it("that this server does not show is not known", () => {
    expect(certificateText({ at: 1, certificate: null })).toContain("not known");
  });
});

describe("a disk", () => {
  const disk = { places: ["objects", "database"], total: 10_000_000_000, free: 3_000_000_000 };

  it("says what lies on it, and how much is free", () => {
    expect(diskText(disk, 0)).toBe("recordings and database: 3 GB of 10 GB free");
  });

  it("says that there is less than is needed", () => {
    expect(diskText(disk, 3_000_000_000)).not.toContain("less than");
    expect(diskText(disk, 3_000_000_001)).toContain("less than the 3 GB");
  });

  it("of which nobody can tell is not known", () => {
    expect(diskText({ ...disk, free: null }, 1)).toContain("cannot be found out");
    expect(diskText({ ...disk, total: null }, 1)).toContain("cannot be found out");
  });
});

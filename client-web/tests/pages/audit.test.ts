// The audit trail's filters: days as people pick them, and what the server is asked for.

import { afterEach, describe, expect, it, vi } from "vitest";

import { api } from "../../src/api/http";
import { AUDITED_ACTS } from "../../src/api/types";
import { actText } from "../../src/pages/console/audit";
import { dayOf } from "../../src/pages/console/days";

afterEach(() => {
  vi.unstubAllGlobals();
});

const ALL = { what: null, who: null, from: null, until: null };

describe("a day", () => {
  it("begins at midnight where the person is, and ends where the next one begins", () => {
    expect(dayOf("2026-03-28", 0)).toBe(new Date(2026, 2, 28).getTime());
    expect(dayOf("2026-03-31", 1)).toBe(new Date(2026, 3, 1).getTime());
  });

  it.each(["", "yesterday", "2026-3-1", "0000-01-01"])("is none: %s", (text) => {
    expect(dayOf(text, 0)).toBeNull();
  });
});

describe("the audit trail", () => {
  it("is asked for a page at a time, with what was picked and nothing else", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path);
      return Promise.resolve(new Response(JSON.stringify({ events: [], after: null })));
    });
    await api.admin.audit(ALL, null, 25);
    await api.admin.audit({ ...ALL, what: "taken-back", who: "a&b", from: 5 }, "7.rX", 25);
    expect(asked).toEqual([
      "/api/admin/audit?limit=25",
      "/api/admin/audit?what=taken-back&who=a%26b&from=5&after=7.rX&limit=25",
    ]);
  });

  it("is downloaded as it is filtered", () => {
    expect(api.admin.auditFile({ ...ALL, until: 9 }, "csv")).toBe(
      "/api/admin/audit/file?until=9&format=csv",
    );
  });

  it("has words for each act", () => {
    for (const act of AUDITED_ACTS) expect(actText(act)).not.toBe(act);
  });
});

// Lists that come in pages are put together again, as far as somebody wants to see them.

import { afterEach, describe, expect, it, vi } from "vitest";

import { api } from "../../src/api/http";

const ALL = Array.from({ length: 450 }, (_, number) => ({ id: String(number) }));

/** A server with so many accounts; what it was asked for is kept. */
function server(): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    const query = new URL(path, "http://localhost").searchParams;
    const begin = Number(query.get("after") ?? 0);
    const end = begin + Number(query.get("limit"));
    const body = { accounts: ALL.slice(begin, end), after: end < ALL.length ? String(end) : null };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a list", () => {
  it("is asked for as far as it is to be seen, and says that it goes on", async () => {
    const asked = server();
    const { more, rows } = await api.admin.accounts(50);
    expect(rows).toHaveLength(50);
    expect(more).toBe(true);
    expect(asked).toEqual(["/api/admin/accounts?limit=50"]);
  });

  it("comes in several pages where one is not enough, nothing twice and nothing left out", async () => {
    const asked = server();
    const { more, rows } = await api.admin.accounts(1000);
    expect(rows).toEqual(ALL);
    expect(more).toBe(false);
    expect(asked).toHaveLength(3);
  });
});

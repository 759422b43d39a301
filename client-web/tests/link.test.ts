// Links as they arrive: with whatever programs and people add to them, and never as another link.

import { describe, expect, it } from "vitest";

import { route } from "../src/app";
import { addressOf, type Link, type LinkKind, readLink } from "../src/link";
import { encode } from "../src/crypto/bytes";

const ORIGIN = "https://meet.example";
const BYTES: Record<LinkKind, number> = { meeting: 64, receipt: 32, invitation: 32, password: 56 };
const KINDS = Object.keys(BYTES) as LinkKind[];

/** Numbers that look random and are the same each time (Mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Made {
  readonly kind: LinkKind;
  readonly path: string;
  readonly secret: string;
  readonly url: string;
}

function make(kind: LinkKind, draw: (below: number) => number): Made {
  const bytes = (count: number): string =>
    encode(Uint8Array.from({ length: count }, () => draw(256)));
  const name = { meeting: "m/", receipt: "r/", invitation: "invitation", password: "password" };
  const own = kind === "meeting" || kind === "receipt";
  const path = `/${name[kind]}${own ? bytes(16) : ""}`;
  const secret = bytes(BYTES[kind]);
  return { kind, path, secret, url: `${ORIGIN}${path}#${secret}` };
}

/** As a browser takes an address apart. */
function opened(url: string): ReturnType<typeof readLink> {
  const { hash, pathname } = new URL(url);
  return readLink(pathname, hash);
}

// What mail, chat and office programs, people and text itself put around a link.
const AFTER = [
  ...Array.from(" .,;:!?)>]}'\"»”’…*_~|/\\`"),
  "\n", "\r\n", "\t", "\u00a0", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e",
  "\u200f", "%20", "%0A", "%E2%80%8B", "%22", "%3E", "%", "%E2%80", "&quot;", "</a>", ").", ">,", "**",
  "__", " (copied)", "?utm=1", "&x=1", "#", "#top",
]; // prettier-ignore
const HASHES = [
  "%23",
  "%2523",
  "/#",
  "//#",
  "\uff03",
  "#/",
  "##",
  "#%20",
  "# ",
  "# \u200b",
  "/%23",
  "#%23",
];
const TWICE = ["", " ", "\n", "%20", ",", "#"];

describe("a link with something added", () => {
  for (const kind of KINDS) {
    it(`is still that ${kind} link`, () => {
      const draw = numbers(kind.length);
      for (let turn = 0; turn < 30; turn += 1) {
        const { path, secret, url } = make(kind, draw);
        const good = [
          url,
          ...AFTER.map((after) => url + after),
          ...AFTER.map((after) => url + after + (AFTER[draw(AFTER.length)] ?? "")),
          ...HASHES.map((hash) => ORIGIN + path + hash + secret),
          ...HASHES.map(
            (hash) => ORIGIN + path + hash + secret + (AFTER[draw(AFTER.length)] ?? ""),
          ),
          ...TWICE.map((between) => url + between + url),
          `${url} or ${url}`,
          `${ORIGIN}/${path}#${secret}`,
          `${ORIGIN}${path}#${secret.slice(0, 20)}\u200b${secret.slice(20)}`,
          `${ORIGIN}${path}#${secret.slice(0, 20)}%20${secret.slice(20)}`,
          `${ORIGIN}${path}#${secret.slice(0, 20)}%0D%0A ${secret.slice(20)}`,
          `${ORIGIN}${path}?fbclid=x${path.length}#${secret}`,
        ];
        for (const one of good) {
          const link = opened(one) as Link;
          expect(link, JSON.stringify(one)).toMatchObject({ kind, secret, problem: null });
          expect(addressOf(link)).toBe(`${path}#${secret}`);
          expect(route(new URL(one).pathname, new URL(one).hash).page).toBe(kind);
        }
      }
    });

    it(`is never another ${kind} link`, () => {
      const draw = numbers(kind.length + 100);
      const alphabet = "ABCxyz019-_.,)>]\u200b %/#:~'\"";
      for (let turn = 0; turn < 4000; turn += 1) {
        const { kind: own, secret, url } = make(kind, draw);
        let changed = url;
        const start = ORIGIN.length + 1;
        for (let change = 0; change <= draw(3); change += 1) {
          const at = start + draw(changed.length - start + 1);
          const letter = alphabet[draw(alphabet.length)] ?? "";
          // Put in, left out, or doubled from somewhere.
          const how = draw(3);
          if (how === 0) changed = changed.slice(0, at) + letter + changed.slice(at);
          else if (how === 1) changed = changed.slice(0, at) + changed.slice(at + 1 + draw(5));
          else changed = changed.slice(0, at) + changed.slice(draw(at + 1));
        }
        if (!URL.canParse(changed)) continue;
        const found = opened(changed);
        if (found === null || typeof found === "string" || found.secret === null) continue;
        // One letter for another, at the same length, is a secret like any other: the server says so.
        if (found.secret.length === secret.length && !changed.includes(secret)) {
          expect(changed.includes(found.secret) || /[%\s\u200b]/u.test(changed)).toBe(true);
          continue;
        }
        expect(found).toMatchObject({ kind: own, secret });
      }
    });
  }
});

describe("a link that is not whole", () => {
  it("is said to be cut off, wherever it was cut", () => {
    const draw = numbers(7);
    for (const kind of KINDS) {
      const { path, secret } = make(kind, draw);
      for (let length = 1; length < secret.length; length += 1) {
        for (const after of ["", ".", ">", "%20", "\u200b"]) {
          const found = opened(`${ORIGIN}${path}#${secret.slice(0, length)}${after}`);
          expect(found).toMatchObject({ kind, secret: null, problem: "cut-off" });
        }
      }
      expect(opened(ORIGIN + path)).toMatchObject({ kind, secret: null, problem: null });
      expect(opened(`${ORIGIN}${path}#`)).toMatchObject({ kind, secret: null, problem: null });
      expect(opened(`${ORIGIN}${path}/.`)).toMatchObject({ kind, secret: null, problem: null });
    }
    const { path } = make("meeting", draw);
    for (let length = 4; length < path.length; length += 1) {
      expect(opened(ORIGIN + path.slice(0, length)), path.slice(0, length)).toBe("cut-off");
    }
    expect(route("/m/", "")).toEqual({ page: "not-found", problem: null });
  });

  it("or has more letters than it had, is not guessed at", () => {
    const draw = numbers(8);
    for (const kind of KINDS) {
      for (let turn = 0; turn < 200; turn += 1) {
        const { path, secret } = make(kind, draw);
        const at = draw(secret.length);
        const longer = `${secret.slice(0, at)}x${secret.slice(at)}`;
        expect(opened(`${ORIGIN}${path}#${longer}`)).toMatchObject({
          secret: null,
          problem: "altered",
        });
      }
    }
  });

  it("is not completed from another link", () => {
    const draw = numbers(9);
    const meeting = make("meeting", draw);
    const receipt = make("receipt", draw);
    const other = make("meeting", draw);
    // A personal key must not be told to the server as if it were an invitation.
    for (const [one, two] of [
      [meeting, receipt],
      [meeting, other],
      [receipt, meeting],
      [meeting, make("password", draw)],
    ] as const) {
      const found = opened(`${ORIGIN}${one.path}#${two.url}`) as Link;
      expect(found.secret).toBeNull();
      expect(found.problem).not.toBeNull();
    }
  });
});

describe("a key that was in the path", () => {
  it("is said to have been sent", () => {
    const { path, secret, url } = make("receipt", numbers(10));
    expect((opened(url) as Link).sent).toBe(false);
    expect((opened(`${url}.`) as Link).sent).toBe(false);
    expect((opened(`${ORIGIN}${path}%23${secret}`) as Link).sent).toBe(true);
  });
});

describe("other addresses", () => {
  it("lead to their pages, with what was added to them", () => {
    for (const after of ["", "/", ".", "%20", ")", "%E2%80%8B"]) {
      expect(route(`/admin${after}`, "").page).toBe("console");
      expect(route(`/verify${after}`, "").page).toBe("verify");
      expect(route(`/promises${after}`, "").page).toBe("promises");
    }
    expect(route("/", "").page).toBe("start");
    expect(route("/nothing", "").page).toBe("not-found");
    expect(route("/invitationen", "#x").page).toBe("not-found");
    expect(route("/.", "").page).toBe("not-found");
  });
});

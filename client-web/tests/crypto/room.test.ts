import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { broughtKeyOf, doorOf, fragmentOf, parseFragment } from "../../src/crypto/link-secret";
import { composeRoom, parseRoom, wrongRoom } from "../../src/crypto/room";
import { digest } from "../../src/crypto/suite";
import { vectors } from "../vectors";

interface Rooms {
  link: Record<"secret" | "room" | "fragment" | "door" | "door_hash" | "brought", string>;
  cases: {
    name: string;
    pinned: string;
    room: string;
    charter: string;
    problem: string | null;
  }[];
}

const { cases, link } = vectors("rooms") as Rooms;

describe("a link", () => {
  it("is made of what the vectors say", async () => {
    const read = parseFragment(link.fragment);
    expect([encode(read.secret), encode(read.room)]).toEqual([link.secret, link.room]);
    expect(fragmentOf(read)).toBe(link.fragment);
    const door = await doorOf(read);
    expect([encode(door), encode(await digest(door))]).toEqual([link.door, link.door_hash]);
    expect(encode(await broughtKeyOf(read))).toBe(link.brought);
  });

  it.each(["", link.secret, `${link.fragment}A`, `${link.fragment.slice(0, -1)}=`])(
    "is none where it is %j",
    (fragment) => {
      expect(() => parseFragment(fragment)).toThrow();
    },
  );
});

describe("a page that is given a room and a charter", () => {
  it.each(cases)("$name: $problem", async ({ charter, pinned, problem, room }) => {
    const given = await parseCharter(decode(charter));
    expect(wrongRoom(given, await parseRoom(decode(room)), decode(pinned))).toBe(problem);
  });

  it("and came without a link checks one against the other", async () => {
    for (const { charter, name, problem, room } of cases) {
      const given = await parseCharter(decode(charter));
      const found = wrongRoom(given, await parseRoom(decode(room)), null);
      expect(found).toBe(name === "another room than the link has" ? null : problem);
    }
  });
});

it("a room is composed as it is read", async () => {
  for (const { room } of cases) {
    const read = await parseRoom(decode(room));
    expect(encode((await composeRoom(read)).body)).toBe(room);
  }
});

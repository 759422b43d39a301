import { describe, expect, it, vi } from "vitest";

import { decode } from "../../src/crypto/bytes";
import { type Charter, parseCharter } from "../../src/crypto/charter";
import { Introductions, NAMELESS } from "../../src/meeting/introductions";
import type { IntroducedPerson, Room, RoomPerson } from "../../src/signalling/messages";
import { vectors } from "../vectors";

interface Case {
  name: string;
  given: Record<"person" | "enrolment" | "document" | "signature" | "name" | "salt", string> & {
    ordinal: number | null;
    mac: string | null;
  };
  shown: string | null;
  brought: boolean;
}
const { introduced, link } = vectors("rooms") as {
  introduced: Case[];
  link: { fragment: string };
};
const { charters } = vectors("statements") as { charters: Record<string, string> };
const [right] = introduced;
if (right === undefined) throw new Error("there are cases");

const charterOf = (): Promise<Charter> => parseCharter(decode(charters["both"] ?? ""));
const ours = { fragment: link.fragment, ordinal: 1 };

function saidOf({ given }: Case): IntroducedPerson {
  const { document, mac, name, ordinal, person, salt, signature } = given;
  const brought = mac === null || ordinal === null ? null : { ordinal, mac };
  return { person, document, signature, name, salt, brought };
}

function roomOf({ given }: Case): Room {
  const person = {
    person: given.person,
    name: given.name,
    enrolment: given.enrolment,
  } as RoomPerson;
  const waiting = [{ person: given.person, name: given.name }];
  return { people: [person], absent_hosts: [person], waiting } as unknown as Room;
}

describe("somebody in the room", () => {
  it.each(introduced)("$name: $shown, $brought", async (given) => {
    const found = new Introductions(await charterOf(), [ours], () => undefined);
    await found.handle({ type: "introductions", people: [saidOf(given)] });
    const room = found.named(roomOf(given));
    const names = [...room.people, ...room.absent_hosts].map(({ name }) => name);
    expect(names).toEqual(Array(2).fill(given.shown ?? NAMELESS));
    const known = found.known.value.get(given.given.person);
    // Another digest in the room is no matter of the introduction itself.
    if (given.given.enrolment === known?.enrolment || known?.enrolment === null) {
      expect(known.brought).toBe(given.brought);
      expect(room.waiting[0]?.name).toBe(given.shown ?? NAMELESS);
    }
  });

  it("has no name before it is known who they are", async () => {
    const found = new Introductions(await charterOf(), [ours], () => undefined);
    expect(found.named(roomOf(right)).people[0]?.name).toBe(NAMELESS);
    expect(found.known.value.size).toBe(0);
  });

  it("is nobody any more once they are somebody else", async () => {
    const found = new Introductions(await charterOf(), [ours], () => undefined);
    const again = { type: "introductions", people: [saidOf(right)] } as const;
    await found.handle({ ...again, people: [...again.people] });
    await found.handle({ ...again, people: [...again.people] });
    expect(found.named(roomOf(right)).people[0]?.name).toBe("Ada Lovelace");
    const broken = { ...saidOf(right), document: "e30" };
    await found.handle({ type: "introductions", people: [broken] });
    expect(found.named(roomOf(right)).people[0]?.name).toBe(NAMELESS);
    expect(found.known.value.get(right.given.person)?.brought).toBe(false);
  });

  it("can have come by any link that this browser has", async () => {
    const other = { fragment: "A".repeat(86), ordinal: 2 };
    for (const [links, brought] of [
      [[other, ours], true],
      [[other], false],
      [[], null],
      [[{ fragment: link.fragment.slice(1), ordinal: 1 }], null], // kept, and damaged
      [[{ fragment: "", ordinal: 1 }, ours], true],
    ] as const) {
      const found = new Introductions(await charterOf(), links, () => undefined);
      await found.handle({ type: "introductions", people: [saidOf(right)] });
      expect(found.known.value.get(right.given.person)?.brought).toBe(brought);
    }
  });

  it("is checked, though what came before has failed", async () => {
    const said = vi.fn<() => void>().mockImplementationOnce(() => {
      throw new Error("a page that cannot show it");
    });
    const found = new Introductions(await charterOf(), [ours], said);
    const again = { type: "introductions", people: [saidOf(right)] } as const;
    await expect(found.handle({ ...again, people: [...again.people] })).rejects.toThrow("cannot");
    await found.handle({ ...again, people: [...again.people] });
    expect(found.busy).toBe(false);
    expect(said).toHaveBeenCalledTimes(2);
  });

  it("is waited for, and then it is said once", async () => {
    const checked = vi.fn();
    const found = new Introductions(await charterOf(), [ours], checked);
    const first = found.handle({ type: "introductions", people: [saidOf(right)] });
    const second = found.handle({ type: "introductions", people: [saidOf(right)] });
    expect(found.busy).toBe(true);
    await Promise.all([first, second]);
    expect(found.busy).toBe(false);
    expect(checked).toHaveBeenCalledTimes(1);
  });
});

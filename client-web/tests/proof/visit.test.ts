import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import type { SignedDocument } from "../../src/api/types";
import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import { evidenceOf, factsOf } from "../../src/proof/agreement";
import {
  type Means,
  type Told,
  visit,
  type Visit,
  visitLog,
  visitWithout,
} from "../../src/proof/visit";
import { openRemembered, type Remembered } from "../../src/store/remembered";
import { leafOf, PaperLog, rootOf, sha256, tileOf } from "../paper-log";

const MEETING = new Uint8Array(16).fill(9);
const PERSON = new Uint8Array(32).fill(8);
const ID = `${encode(MEETING)}/${encode(PERSON)}`;
const statement = (sequence: number): Bytes => sha256(Uint8Array.of(sequence));

/** A server with its log, a browser with its store, and somebody who has signed three things. */
class World {
  log!: PaperLog;
  document!: SignedDocument;
  store!: Remembered;
  /** The indices of what was signed, in order. */
  places = [1, 4, 7];
  clock = 1000;
  settled = 0;
  asked = 0;
  /** What the server does in the place of showing its newest head, once for each. */
  readonly heads: (() => string)[] = [];
  tiles: (path: string) => Uint8Array | null = (path) => tileOf(this.log.leaves, path);

  static async make(): Promise<World> {
    const world = new World();
    world.log = (await PaperLog.make()).grow(8);
    world.document = await world.log.document();
    world.store = await openRemembered(new IDBFactory());
    return world;
  }

  get means(): Means {
    return {
      store: this.store,
      checkpoint: () => {
        this.asked += 1;
        const head = this.heads.shift();
        return Promise.resolve(head === undefined ? this.log.note() : head());
      },
      tile: (path) => {
        const tile = this.tiles(path);
        return tile === null ? Promise.reject(new Refused("not-found")) : Promise.resolve(tile);
      },
      now: () => this.clock,
      settle: () => {
        this.settled += 1;
        return Promise.resolve();
      },
    };
  }

  async acknowledgement(sequence: number, index: number): Promise<SignedDocument> {
    return await this.log.acknowledge({
      meeting: MEETING,
      person: PERSON,
      statement: statement(sequence),
      index,
    });
  }

  async receipt(places: readonly number[] = this.places): Promise<Told> {
    const signed = await Promise.all(places.map((index, at) => this.acknowledgement(at, index)));
    return {
      vouched: part(this.document),
      head: {
        size: this.log.leaves.length,
        root: rootOf(this.log.leaves),
        note: this.log.note(),
      },
      acknowledgements: signed.map(part),
      enrolment: { digest: statement(0) },
      answers: places.slice(1).map((_, at) => ({ digest: statement(at + 1) })),
      records: [{ record: { kind: "enrolled" } }, { record: { kind: "admitted" } }],
    };
  }

  async visit(receipt: Told | null = null): Promise<Visit> {
    const { server } = this.log;
    return await visit({ id: ID, server, receipt }, this.document, this.means);
  }

  /** Take leaves out, as whoever writes to the database can, and go on from there. */
  async takeOut(...gone: number[]): Promise<void> {
    this.log.leaves = this.log.leaves.filter((_, at) => !gone.includes(at));
    await Promise.resolve();
  }
}

function part({ document, signature }: SignedDocument): { document: Bytes; signature: Bytes } {
  return { document: decode(document), signature: decode(signature) };
}

function codes({ disagreements }: { disagreements: Visit["disagreements"] }): unknown[] {
  return disagreements.map(({ code, sequence }) => [code, sequence]);
}

let world: World;
beforeEach(async () => {
  world = await World.make();
});

describe("the first visit", () => {
  it("compares nothing, says so, and keeps what it was shown", async () => {
    const first = await world.visit(await world.receipt());
    expect(first.heads).toEqual({ at: "first", size: 8 });
    expect(first.acknowledged).toBe(0);
    expect(first.disagreements).toEqual([]);
    const kept = await world.store.log(encode(world.log.server));
    expect(kept?.head.note).toBe(world.log.note());
    const person = await world.store.person(ID);
    expect(person?.acknowledgements.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(person?.admitted).toBe(true);
  });

  it("keeps no head that the log's own key has not signed, or the server not vouched for", async () => {
    const others = await PaperLog.make("meet.example/log", 3, 4);
    const stranger = others.grow(8);
    world.heads.push(() => stranger.note());
    expect((await world.visit()).heads).toEqual({ at: "not-compared", why: "withheld" });
    world.document = await stranger.document();
    expect((await world.visit()).heads).toEqual({ at: "not-compared", why: "withheld" });
    expect(await world.store.log(encode(world.log.server))).toBeNull();
  });
});

describe("a later visit", () => {
  it("agrees with a log that has only been added to, and goes on from there", async () => {
    await world.visit(await world.receipt());
    world.clock = 2000;
    world.log.grow(300);
    expect((await world.visit(await world.receipt())).heads).toEqual({
      at: "agrees",
      since: 1000,
      from: 8,
      size: 308,
    });
    const again = await world.visit(await world.receipt());
    expect(again.heads).toEqual({ at: "agrees", since: 1000, from: 308, size: 308 });
    expect(again.acknowledged).toBe(3);
    expect(again.disagreements).toEqual([]);
  });

  it("does not agree with a log that has become shorter, whatever was kept stays", async () => {
    await world.visit(await world.receipt());
    const note = world.log.note();
    await world.takeOut(2, 5, 6);
    const found = await world.visit(await world.receipt([1, 3, 4]));
    expect(found.heads).toEqual({ at: "disagrees" });
    expect(codes(found)).toEqual([
      ["smaller", null],
      ["other-index", 1],
      ["other-index", 2],
    ]);
    expect(found.acknowledged).toBeNull();
    const [smaller, first, last] = found.disagreements.map(factsOf);
    expect(smaller?.sizes).toEqual({ from: 8, size: 5 });
    expect(first?.places).toEqual({ signed: 4, now: 3 });
    expect(last?.places).toEqual({ signed: 7, now: 4 });
    const kept = await world.store.log(encode(world.log.server));
    expect(kept?.head.note).toBe(note);
    expect((await world.store.person(ID))?.acknowledgements).toHaveLength(3);
  });

  it("does not agree with as many other entries", async () => {
    await world.visit();
    await world.takeOut(3);
    world.log.grow(1);
    expect(codes(await world.visit())).toEqual([["split-view", null]]);
  });

  it("does not agree with more entries that those from before are not the first of", async () => {
    await world.visit();
    await world.takeOut(3);
    world.log.grow(40);
    expect(codes(await world.visit())).toEqual([["not-grown", null]]);
    world.log = (await PaperLog.make()).grow(8).grow(40);
    world.log.leaves[2] = leafOf("exchanged");
    expect((await world.visit()).heads).toEqual({ at: "disagrees" });
  });

  it("does not agree with another log of the same server", async () => {
    await world.visit(await world.receipt());
    const [named, signed] = await Promise.all([
      PaperLog.make("meet.example/log2"),
      PaperLog.make("meet.example/log", 5),
    ]);
    for (const other of [named, signed]) {
      world.log = other.grow(9);
      world.document = await other.document();
      const found = await world.visit();
      expect(found.heads).toEqual({ at: "disagrees" });
      expect(codes(found)).toEqual([["other-log", null]]);
    }
    world.log = named;
    world.document = await named.document();
    const found = codes(await world.visit(await world.receipt()));
    expect(found).toContainEqual(["other-log", 1]);
  });

  it("does not agree with an older head that what was kept has not grown from", async () => {
    world.log.grow(30);
    await world.visit();
    const forged = (await PaperLog.make()).grow(8, "another");
    const found = await world.visit({
      ...(await world.receipt()),
      head: { size: 8, root: rootOf(forged.leaves), note: forged.note() },
    });
    expect(codes(found)).toEqual([["not-grown", null]]);
    expect(found.disagreements.map(factsOf)[0]?.sizes).toEqual({ from: 38, size: 8 });
  });

  it("misses a statement that the server has signed for", async () => {
    await world.visit(await world.receipt());
    world.log.grow(3);
    const found = await world.visit(await world.receipt([1, 4]));
    expect(found.heads.at).toBe("agrees");
    expect(codes(found)).toEqual([["missing", 2]]);
    expect(found.disagreements.map(factsOf)[0]?.places).toEqual({ signed: 7, now: null });
  });

  it("keeps what did not agree, even where it agrees again", async () => {
    await world.visit(await world.receipt());
    const { leaves } = world.log;
    await world.takeOut(6, 7);
    world.clock = 2000;
    await world.visit();
    world.log.leaves = leaves;
    world.clock = 3000;
    await world.visit();
    const found = await world.visit(await world.receipt());
    expect(found.heads.at).toBe("agrees");
    expect(codes(found)).toEqual([["smaller", null]]);
    expect(found.disagreements[0]?.at).toBe(2000);
    await world.store.forget(ID, encode(world.log.server));
    expect((await world.visit(await world.receipt())).heads.at).toBe("first");
    expect((await world.visit(await world.receipt())).disagreements).toEqual([]);
  });
});

describe("what is no disagreement", () => {
  it("is a server that does not answer", async () => {
    await world.visit();
    world.heads.push(() => {
      throw new Refused("unreachable");
    });
    const found = await world.visit();
    expect(found.heads).toEqual({ at: "not-compared", why: "unreachable" });
    expect(found.disagreements).toEqual([]);
  });

  it("is a server that does not show its tiles; but nothing newer is kept then", async () => {
    await world.visit();
    const note = world.log.note();
    world.log.grow(9);
    for (const tiles of [() => null, () => new Uint8Array(31)]) {
      world.tiles = tiles;
      const found = await world.visit(await world.receipt());
      expect(found.heads).toEqual({ at: "not-compared", why: "withheld" });
      expect(found.disagreements).toEqual([]);
    }
    const kept = await world.store.log(encode(world.log.server));
    expect(kept?.head.note).toBe(note);
    expect(await world.store.person(ID)).toBeNull();
  });

  it("is an older head out of a cache: it is asked for once more", async () => {
    const older = world.log.note(6);
    await world.visit();
    world.heads.push(() => older);
    expect((await world.visit()).heads.at).toBe("agrees");
    expect([world.settled, world.asked]).toEqual([1, 3]);
  });

  it("is a receipt that was asked for before another page kept a newer head", async () => {
    const receipt = await world.receipt();
    world.log.grow(30);
    await world.visit();
    const found = await world.visit(receipt);
    expect(found.heads).toEqual({ at: "agrees", since: 1000, from: 38, size: 38 });
  });

  it("is another page that keeps a newer head while this one compares", async () => {
    await world.visit();
    const note = world.log.note();
    let told = false;
    world.heads.push(() => {
      if (!told) {
        told = true;
        world.log.grow(5);
        void world.visit();
      }
      return note;
    });
    await world.visit();
    expect((await world.visit()).disagreements).toEqual([]);
    const kept = await world.store.log(encode(world.log.server));
    expect(kept?.head.size).toBe(13);
  });
});

describe("somebody of whom the server shows nothing", () => {
  it("is missed where they were let in", async () => {
    await world.visit(await world.receipt());
    const without = (denied: boolean): Promise<Visit | null> =>
      visitWithout(ID, denied, world.document, world.means);
    expect((await without(false))?.disagreements).toEqual([]);
    const found = await without(true);
    expect(found?.heads.at).toBe("agrees");
    expect(found && codes(found)).toEqual([
      ["missing", 0],
      ["missing", 1],
      ["missing", 2],
    ]);
  });

  it("may be forgotten where they never were", async () => {
    const receipt = await world.receipt();
    await world.visit({ ...receipt, records: [] });
    const found = await visitWithout(ID, true, world.document, world.means);
    expect(found?.disagreements).toEqual([]);
  });

  it("is nobody to this browser where nothing was kept", async () => {
    expect(await visitWithout(ID, true, world.document, world.means)).toBeNull();
  });
});

describe("the evidence", () => {
  it("has what both sides signed", async () => {
    await world.visit(await world.receipt());
    const before = world.log.note();
    await world.takeOut(2);
    const { disagreements, server } = await world.visit(await world.receipt([1, 3, 6]));
    const evidence = JSON.parse(evidenceOf(server, disagreements)) as {
      type: string;
      server: string;
      disagreements: {
        code: string;
        kept: { note: string | null; acknowledgement: unknown };
        shown: { note: string | null; acknowledgement: unknown };
      }[];
    };
    expect(evidence.type).toBe("assent/disagreement/v1");
    expect(evidence.server).toBe(encode(world.log.server));
    const [heads, answer] = evidence.disagreements;
    expect(heads?.kept.note).toBe(before);
    expect(heads?.shown.note).toBe(world.log.note());
    expect(answer?.kept.acknowledgement).toEqual(await world.acknowledgement(1, 4));
    expect(answer?.shown.acknowledgement).toEqual(await world.acknowledgement(1, 3));
  });
});

describe("the log by itself", () => {
  it("is compared without anybody", async () => {
    const { document, log, means } = world;
    expect((await visitLog(log.server, document, means)).heads.at).toBe("first");
    log.grow(1);
    expect((await visitLog(log.server, document, means)).heads.at).toBe("agrees");
    await world.takeOut(0, 1);
    const found = await visitLog(log.server, document, means);
    expect(codes(found)).toEqual([["smaller", null]]);
  });
});

// What transforms do with frames: keys by generation, slots, holds, windows, redundant sound.

import { describe, expect, it } from "vitest";

import { type Bytes, encode } from "../../src/crypto/bytes";
import { parseFrame } from "../../src/e2ee/frame-cipher";
import { HOLD_FRAMES, HOLD_MS } from "../../src/e2ee/frame-receiver";
import { GO_MS, OVER_MS } from "../../src/e2ee/generation-ring";
import { makeRed, parseRed } from "../../src/e2ee/red-payload";
import { ADA, bytes, Clock, encoded, End, give, keysOf, picture, sound } from "./frame-scene";

/** A sender's end and a receiver's, both with generation 1, which is sent under. */
function scene(recorded = false) {
  const clock = new Clock();
  const [here, there] = [new End(clock), new End(clock)];
  for (const end of [here, there]) {
    end.ring.add(keysOf(1, { recorded }));
    end.ring.go(1);
  }
  const sender = here.sender();
  sender.give(1, 0);
  return { clock, here, there, sender, receiver: there.receiver(), seen: [] as string[] };
}

describe("a sender", () => {
  it("sends nothing before go, and under the next at go or after half a second", async () => {
    const { clock, here, sender } = scene();
    const numberOf = async () => {
      const sealed = await sender.seal(encoded(picture("a")));
      return sealed === null ? null : parseFrame("vp8", sealed).number.key.generation;
    };
    expect(await numberOf()).toBe(1);
    here.ring.add(keysOf(2));
    sender.give(2, 0);
    expect(await numberOf()).toBe(1);
    here.ring.go(2);
    expect(await numberOf()).toBe(2);
    here.ring.add(keysOf(3));
    sender.give(3, 0);
    clock.now += GO_MS - 1;
    expect(await numberOf()).toBe(2);
    clock.now += 1;
    expect(await numberOf()).toBe(3);

    const fresh = new End(clock);
    fresh.ring.add(keysOf(1));
    const early = fresh.sender();
    early.give(1, 0);
    expect(await early.seal(encoded(picture("a")))).toBeNull();
  });

  it("sends nothing without a stream, nor in another page's name", async () => {
    const { here } = scene();
    expect(await here.sender().seal(encoded(picture("a")))).toBeNull();
    const other = here.sender("camera", bytes(3));
    other.give(1, 1);
    expect(await other.seal(encoded(picture("a")))).toBeNull();
    expect(() => {
      other.give(1, 2);
    }).toThrow(RangeError);
  });

  it("stops after slot 255", async () => {
    const { clock, sender } = scene(true);
    clock.now += 256 * 2_000 - 1;
    const last = await sender.seal(encoded(picture("a")));
    expect(last === null ? null : parseFrame("vp8", last).number.key.slot).toBe(255);
    clock.now += 1;
    expect(await sender.seal(encoded(picture("a")))).toBeNull();
  });

  it("sends nothing recorded once it has played a later one", async () => {
    const { clock, here, there, sender } = scene(true);
    for (const end of [here, there]) end.ring.add(keysOf(2));
    there.ring.go(2);
    const other = there.sender("microphone");
    other.give(2, 0);
    const said = await other.seal(encoded(sound("a"), "opus"));
    expect(await sender.seal(encoded(picture("a")))).not.toBeNull();
    await give(here.receiver("microphone"), said, [], "opus");
    expect(await sender.seal(encoded(picture("a")))).toBeNull();
    sender.give(2, 0);
    clock.now += GO_MS;
    expect(await sender.seal(encoded(picture("a")))).not.toBeNull();
  });

  it("is silent once it is stopped, also with what it was encrypting", async () => {
    const { here, sender } = scene(true);
    const caught = sender.seal(encoded(picture("a")));
    here.ring.stop("recorded");
    expect(await caught).toBeNull();
    expect(await sender.seal(encoded(picture("a")))).toBeNull();
    here.ring.add(keysOf(2, { recorded: true }));
    sender.give(2, 0);
    here.ring.stop("recorded");
    here.ring.go(2);
    expect(await sender.seal(encoded(picture("a")))).toBeNull();
    here.ring.add(keysOf(3));
    sender.give(3, 0);
    here.ring.go(3);
    here.ring.stop("recorded");
    expect(await sender.seal(encoded(picture("a")))).not.toBeNull();
    here.ring.stop("all");
    expect(await sender.seal(encoded(picture("a")))).toBeNull();
  });
});

describe("a receiver", () => {
  it("passes frames in their order, once", async () => {
    const { receiver, seen, sender, there } = scene();
    const sent: Bytes[] = [];
    for (const text of ["a", "b", "c"]) {
      const sealed = await sender.seal(encoded(picture(text)));
      if (sealed !== null) sent.push(sealed);
    }
    await Promise.all(sent.map((data) => give(receiver, data, seen)));
    expect(seen).toEqual(["a", "b", "c"]);
    // Over another connection it is another transform, and the same frame.
    for (const again of [receiver, there.receiver()]) await give(again, sent[2] ?? null, seen);
    expect(seen).toEqual(["a", "b", "c"]);
    expect(there.drops).toEqual(["repeated", "repeated"]);
  });

  it("passes what was lost and is sent again, behind what came after it", async () => {
    const { receiver, seen, sender, there } = scene();
    const [lost, next] = [
      await sender.seal(encoded(picture("a"))),
      await sender.seal(encoded(picture("b"))),
    ];
    for (const one of [next, lost, lost]) await give(receiver, one, seen);
    expect(seen).toEqual(["b", "a"]);
    expect(there.drops).toEqual(["repeated"]);
  });

  it("opens no other person's frames, source's, generation's or slot's", async () => {
    const { clock, here, receiver, seen, sender, there } = scene(true);
    const sealed = await sender.seal(encoded(picture("a")));
    const screen = there.receiver("screen");
    await give(screen, sealed, seen);
    receiver.assign({ person: bytes(8), source: "camera" });
    await give(receiver, sealed, seen);
    receiver.assign(null);
    await give(receiver, sealed, seen);
    expect(there.drops).toEqual(["does-not-open", "does-not-open"]);
    receiver.assign({ person: ADA, source: "camera" });
    clock.now += 3 * 2_000;
    await give(receiver, sealed, seen);
    expect(there.drops.at(-1)).toBe("out-of-time");
    expect(seen).toEqual([]);
    // One that is two slots late, and then one that is one early.
    clock.now -= 2_000;
    await give(receiver, sealed, seen);
    expect(seen).toEqual(["a"]);
    const ahead = new End(clock);
    ahead.ring.add(keysOf(1, { recorded: true }), 6_000);
    const early = ahead.sender();
    early.give(1, 1);
    const beyond = await early.seal(encoded(picture("b")));
    expect(beyond === null ? null : parseFrame("vp8", beyond).number.key.slot).toBe(3);
    clock.now -= 2_001;
    await give(receiver, beyond, seen);
    expect(there.drops.at(-1)).toBe("out-of-time");
    clock.now += 2_001;
    await give(receiver, beyond, seen);
    expect(seen).toEqual(["a", "b"]);
    expect(here.drops).toEqual([]);
  });

  it("opens nothing of a live generation under another slot than 0", async () => {
    const { receiver, seen, there, clock } = scene();
    const wrong = new End(clock);
    wrong.ring.add(keysOf(1, { recorded: true }), 2_000);
    const sender = wrong.sender();
    sender.give(1, 0);
    await give(receiver, await sender.seal(encoded(picture("a"))), seen);
    expect(there.drops).toEqual(["out-of-time"]);
  });

  it("holds frames of a generation that is to come, and drops them after half a second", async () => {
    const { clock, here, receiver, seen, sender, there } = scene();
    const old = await sender.seal(encoded(picture("old")));
    here.ring.add(keysOf(2));
    here.ring.go(2);
    sender.give(2, 0);
    for (const text of ["a", "b"]) {
      await give(receiver, await sender.seal(encoded(picture(text))), seen);
    }
    await give(receiver, old, seen);
    expect(seen).toEqual(["old"]);
    clock.now += HOLD_MS - 1;
    await receiver.release();
    there.ring.add(keysOf(2));
    await receiver.release();
    expect(seen).toEqual(["old", "a", "b"]);
    here.ring.add(keysOf(3));
    here.ring.go(3);
    sender.give(3, 0);
    for (let at = 0; at < HOLD_FRAMES + 3; at += 1) {
      await give(receiver, await sender.seal(encoded(picture("c"))), seen);
    }
    expect(there.drops).toEqual(Array(3).fill("unknown-generation"));
    clock.now += HOLD_MS;
    await receiver.release();
    there.ring.add(keysOf(3));
    await receiver.release();
    expect(there.drops).toHaveLength(HOLD_FRAMES + 3);
    expect(seen).toHaveLength(3);
  });

  it("plays nothing that was held for the person before", async () => {
    const { here, receiver, seen, sender, there } = scene();
    here.ring.add(keysOf(2));
    here.ring.go(2);
    sender.give(2, 0);
    await give(receiver, await sender.seal(encoded(picture("a"))), seen);
    receiver.assign({ person: bytes(8), source: "camera" });
    receiver.assign({ person: ADA, source: "camera" });
    there.ring.add(keysOf(2));
    await receiver.release();
    expect(seen).toEqual([]);
  });

  it("takes the old generation for two seconds, and forgets its keys", async () => {
    const { clock, receiver, seen, sender, there } = scene();
    const frames: (Bytes | null)[] = [];
    for (const text of ["a", "b"]) frames.push(await sender.seal(encoded(picture(text))));
    const keys = keysOf(2);
    there.ring.add(keys);
    clock.now += OVER_MS - 1;
    await give(receiver, frames[0] ?? null, seen);
    clock.now += 1;
    await give(receiver, frames[1] ?? null, seen);
    expect(seen).toEqual(["a"]);
    expect(there.drops).toEqual(["unknown-generation"]);
    expect(there.ring.numbers).toEqual([2]);
    const next = keysOf(3);
    there.ring.add(next);
    clock.now += OVER_MS;
    there.ring.forget();
    expect(keys.secret).toEqual(bytes(0));
    expect(next.secret).not.toEqual(bytes(0));
    expect(() => {
      there.ring.add(keysOf(3));
    }).toThrow(RangeError);
  });

  it("drops what is no frame, and goes on", async () => {
    const { receiver, seen, sender, there } = scene();
    for (let length = 0; length < 60; length += 1) {
      await give(receiver, new Uint8Array(length).fill(255), seen);
      await give(receiver, new Uint8Array(length).fill(255), seen, "opus", true);
      await give(receiver, new Uint8Array(length).fill(1), seen, "opus", true);
    }
    expect(seen).toEqual([]);
    expect(there.drops).toHaveLength(180);
    await give(receiver, await sender.seal(encoded(picture("a"))), seen);
    expect(seen).toEqual(["a"]);
  });
});

describe("redundant sound", () => {
  const block = (data: Bytes, offset = 0) => ({ payloadType: 111, offset, data });
  const voices = () => {
    const all = scene();
    const sender = all.here.sender("microphone");
    sender.give(1, 1);
    return { ...all, sender, receiver: all.there.receiver("microphone") };
  };
  const payload = (at: number) =>
    makeRed([...(at > 0 ? [block(sound(`s${at - 1}`), 960)] : []), block(sound(`s${at}`))]);
  const red = (at: number, from = 0) =>
    encoded(payload(at), "opus", { red: true, timestamp: (from + at * 960) % 2 ** 32 });

  it("is the very bytes that were sent before, also where time wraps around", async () => {
    const { sender } = voices();
    const first = await sender.seal(red(0, 2 ** 32 - 960));
    const second = await sender.seal(red(1, 2 ** 32 - 960));
    if (first === null || second === null) throw new Error("it was not sent");
    const blocks = parseRed(second);
    expect(blocks.map(({ offset }) => offset)).toEqual([960, 0]);
    expect(blocks[0]?.data).toEqual(parseRed(first)[0]?.data);
  });

  it("leaves out what was not kept, and all of a generation before", async () => {
    const { here, sender } = voices();
    const lone = await sender.seal(red(5));
    if (lone === null) throw new Error("it was not sent");
    expect(parseRed(lone)).toHaveLength(1);
    here.ring.add(keysOf(2));
    here.ring.go(2);
    sender.give(2, 0);
    const next = await sender.seal(red(6));
    if (next === null) throw new Error("it was not sent");
    expect(parseRed(next)).toHaveLength(1);
    const after = await sender.seal(red(7));
    if (after === null) throw new Error("it was not sent");
    expect(parseRed(after)).toHaveLength(2);
  });

  it("fills in what was lost, and nothing twice", async () => {
    const { receiver, sender, there } = voices();
    const passed: string[][] = [];
    for (let at = 0; at < 6; at += 1) {
      const sealed = await sender.seal(red(at));
      if (sealed === null) throw new Error("it was not sent");
      if (at === 2) continue; // lost
      await receiver.take({
        data: sealed,
        codec: "opus",
        red: true,
        pass: (opened) =>
          passed.push(
            parseRed(opened).map(({ data }) => new TextDecoder().decode(data.subarray(1))),
          ),
      });
    }
    expect(passed).toEqual([["s0"], ["s1"], ["s2", "s3"], ["s4"], ["s5"]]);
    expect(there.drops).toEqual([]);
  });

  it("is dropped whole where its newest block is: a payload's time is that one's", async () => {
    const { receiver, sender, there } = voices();
    const passed: Bytes[] = [];
    const [first, second] = [await sender.seal(red(0)), await sender.seal(red(1))];
    if (first === null || second === null) throw new Error("it was not sent");
    const spoilt = second.slice();
    spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
    for (const data of [spoilt, second]) {
      await receiver.take({
        data,
        codec: "opus",
        red: true,
        pass: (opened) => passed.push(opened),
      });
    }
    expect(there.drops).toEqual(["does-not-open"]);
    expect(passed.map((one) => parseRed(one).length)).toEqual([2]);
  });

  it("has lengths that add up", () => {
    const whole = makeRed([block(sound("a"), 960), block(sound("b"))]);
    expect(makeRed(parseRed(whole))).toEqual(whole);
    for (let length = 0; length < 5 + 2; length += 1) {
      expect(() => parseRed(whole.subarray(0, length))).toThrow();
    }
    expect(() => makeRed([block(new Uint8Array(1_024), 1), block(sound("b"))])).toThrow(RangeError);
  });
});

it("knows people by their ids", () => {
  expect(keysOf(1).pages.get(encode(ADA))).toEqual(bytes(2));
});

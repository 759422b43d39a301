import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { parseHeader } from "../../src/crypto/epoch";
import { CryptoError } from "../../src/crypto/errors";
import { deriveKeys } from "../../src/crypto/keys";
import { verifyClosing } from "../../src/watching/closing";
import { checkOwn, EpochKey } from "../../src/watching/epoch-key";
import { openSegment } from "../../src/watching/segment";
import { vectors } from "../vectors";

interface Case {
  name: string;
  object: string;
  entry: {
    track: string;
    sequence: number;
    digest: string;
    size: number;
    start: number;
    end: number;
  };
  plaintext: string | null;
}

const { segments: given } = vectors("watching") as {
  segments: {
    charter: string;
    header: string;
    later_header: string;
    seed: string;
    box: string;
    others_box: string;
    server: string;
    closing: { document: string; signature: string };
    cases: Case[];
  };
};

const charter = await parseCharter(decode(given.charter));
const keys = await deriveKeys(decode(given.seed), charter.meeting);
const header = await parseHeader(decode(given.header));

describe("an epoch", () => {
  it("opens with one's own box, and with no other", async () => {
    expect(checkOwn(header, charter, keys).present).toBe(true);
    await EpochKey.open(decode(given.box), header, keys);
    await expect(EpochKey.open(decode(given.others_box), header, keys)).rejects.toThrow(/box/);
    const later = await parseHeader(decode(given.later_header));
    await expect(EpochKey.open(decode(given.box), later, keys)).rejects.toThrow(/box/);
  });

  it("must be of the meeting, and name this person and their own key", async () => {
    const other = { ...charter, meeting: new Uint8Array(16) };
    expect(() => checkOwn(header, other, keys)).toThrow(/meeting/);
    const another = { ...charter, digest: new Uint8Array(32) };
    expect(() => checkOwn(header, another, keys)).toThrow(/charter/);
    const stranger = await deriveKeys(new Uint8Array(32), charter.meeting);
    expect(() => checkOwn(header, charter, stranger)).toThrow(/people/);
    expect(() => checkOwn(header, charter, { ...keys, watch: new Uint8Array(1216) })).toThrow(
      /key/,
    );
    const blind = { ...header, people: header.people.map((one) => ({ ...one, watches: false })) };
    expect(() => checkOwn(blind, charter, keys)).toThrow(/watching/);
  });

  it.each(given.cases)("has a segment: $name", async (one) => {
    const key = await EpochKey.open(decode(given.box), header, keys);
    const entry = { ...one.entry, digest: decode(one.entry.digest) };
    const opening = openSegment(decode(one.object), await key.track(entry.track), header, entry);
    if (one.plaintext === null) await expect(opening).rejects.toThrow(CryptoError);
    else expect(encode(await opening)).toBe(one.plaintext);
  });
});

describe("a closing", () => {
  const document = decode(given.closing.document);
  const signature = decode(given.closing.signature);
  const server = decode(given.server);

  it("lists the segments by track, and when it ended", async () => {
    const closing = await verifyClosing(document, signature, server, header);
    expect(closing.tracks.map((track) => [track.source, track.entries.length]).sort()).toEqual([
      ["camera", 2],
      ["microphone", 2],
    ]);
    expect(closing.interrupted).toBe(false);
    for (const track of closing.tracks) {
      expect(track.name).toBe(`${track.person}.${track.source}`);
    }
  });

  it("is believed with the server's signature alone, and for its own header", async () => {
    const later = await parseHeader(decode(given.later_header));
    const flipped = signature.slice();
    flipped.set([(flipped[0] ?? 0) ^ 1], 0);
    await expect(verifyClosing(document, flipped, server, header)).rejects.toThrow(/signature/);
    const another = keys.sign.publicKey;
    await expect(verifyClosing(document, signature, another, header)).rejects.toThrow(/signature/);
    await expect(verifyClosing(document, signature, server, later)).rejects.toThrow(/header/);
    const changed = decode(given.closing.document);
    changed.set([(changed.at(-10) ?? 0) ^ 1], changed.length - 10);
    await expect(verifyClosing(changed, signature, server, header)).rejects.toThrow(CryptoError);
  });

  it("is refused where it lists tracks of somebody who was not there", async () => {
    const away = { ...header, people: header.people.map((one) => ({ ...one, present: false })) };
    await expect(verifyClosing(document, signature, server, away)).rejects.toThrow(/not there/);
  });
});

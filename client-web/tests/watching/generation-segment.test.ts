// Objects in their own places and in others', as the vectors that Python reads as well have them.

import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { CryptoError } from "../../src/crypto/errors";
import { parseGeneration } from "../../src/e2ee/generation-header";
import { verifyGenerationClosing } from "../../src/watching/generation-closing";
import { outerTrackKey, unsealSegment } from "../../src/watching/generation-segment";
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

const given = vectors("relayed") as {
  header: string;
  server: string;
  watching: { outer_key: string };
  places: {
    later: { document: string };
    closing: { document: string; signature: string };
    cases: Case[];
  };
};
const header = await parseGeneration(decode(given.header));
const { places } = given;

describe("a generation", () => {
  it.each(places.cases)("has a segment: $name", async (one) => {
    const key = outerTrackKey(decode(given.watching.outer_key), header.digest, one.entry.track);
    const entry = { ...one.entry, digest: decode(one.entry.digest) };
    const found = await unsealSegment(decode(one.object), key, header, entry).catch(
      (error: unknown) => {
        if (!(error instanceof CryptoError)) throw error;
        return null;
      },
    );
    expect(found === null ? null : encode(found.plaintext)).toBe(one.plaintext);
  });
});

describe("a closing", () => {
  const document = decode(places.closing.document);
  const signature = decode(places.closing.signature);
  const server = decode(given.server);

  it("lists the segments by track, and when it ended", async () => {
    const closing = await verifyGenerationClosing(document, signature, server, header, null);
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
    const later = await parseGeneration(decode(places.later.document));
    const flipped = signature.slice();
    flipped.set([(flipped[0] ?? 0) ^ 1], 0);
    const verify = verifyGenerationClosing;
    await expect(verify(document, flipped, server, header, null)).rejects.toThrow(/signature/);
    const another = new Uint8Array(32);
    await expect(verify(document, signature, another, header, null)).rejects.toThrow(/signature/);
    await expect(verify(document, signature, server, later, null)).rejects.toThrow(/header/);
    const changed = decode(places.closing.document);
    changed.set([(changed.at(-10) ?? 0) ^ 1], changed.length - 10);
    await expect(verify(changed, signature, server, header, null)).rejects.toThrow(CryptoError);
  });

  it("is refused where it lists tracks of somebody who was not there", async () => {
    const away = { ...header, people: header.people.map((one) => ({ ...one, present: false })) };
    const verifying = verifyGenerationClosing(document, signature, server, away, null);
    await expect(verifying).rejects.toThrow(/not there/);
  });
});

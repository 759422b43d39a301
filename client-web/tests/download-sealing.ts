// A vault that seals chunks of a data set as FORMAT.md section 15.10 has it, for the page's tests.

import { type Bytes, concat, encode, utf8 } from "../src/crypto/bytes";
import { write } from "../src/crypto/document";
import { digest, expand, random, seal, type Signer } from "../src/crypto/suite";
import { CHUNK_BYTES } from "../src/download/chunk";

const PIECE = 16 * 1024;

export interface Place {
  readonly download: Bytes;
  readonly dataSet: Bytes;
  readonly number: number;
  readonly total: number;
}

export function pieceOf(tar: Bytes, number: number): Bytes {
  return tar.slice(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
}

export async function sealChunk(
  place: Place,
  content: Bytes,
  publicKey: Bytes,
  vault: Signer,
  changed: Record<string, string | number | boolean> = {},
): Promise<Bytes> {
  const key = random(32);
  const info = concat(
    utf8("assent/download/v1\0"),
    place.download,
    place.dataSet,
    u32(place.number),
  );
  const header = write({
    type: "assent/download-chunk/v1",
    suite: "assent-1",
    download: encode(place.download),
    export: encode(place.dataSet),
    manifest: encode(new Uint8Array(32)),
    number: place.number,
    last: (place.number + 1) * CHUNK_BYTES >= place.total,
    total: place.total,
    box: encode(await seal(publicKey, key, info)),
    ...changed,
  });
  const written = concat(u32(header.length), header);
  return concat(
    written,
    await vault.sign("assent/download-chunk/v1", header),
    await encrypt(key, await digest(written), content),
  );
}

async function encrypt(key: Bytes, context: Bytes, content: Bytes): Promise<Bytes> {
  const salt = random(24);
  const label = utf8("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0");
  const derived = await expand(key, concat(label, salt, context), 76);
  const aes = await crypto.subtle.importKey("raw", derived.slice(0, 32), "AES-GCM", false, [
    "encrypt",
  ]);
  const pieces = [];
  for (let number = 0; number * PIECE <= content.length; number += 1) {
    const iv = derived.slice(32, 44);
    const view = new DataView(iv.buffer);
    view.setUint32(8, view.getUint32(8) ^ number);
    const piece = content.slice(number * PIECE, (number + 1) * PIECE);
    pieces.push(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, piece)));
  }
  return concat(salt, derived.slice(44), ...pieces);
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

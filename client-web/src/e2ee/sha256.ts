// SHA-256, HMAC and HKDF that give their answer at once (FIPS 180-4, RFC 2104, RFC 5869).
//
// A change of a recorded generation with fifty people in it is 65,000 hashes of a block or two: as
// promises of WebCrypto each costs more than the hashing. Nothing here branches on, or looks up in a
// table by, what it hashes.

import { type Bytes, concat } from "../crypto/bytes";

const BLOCK_BYTES = 64;
const WORDS = 8;
const ROUNDS = 64;

// The first 32 bits of the fractional parts of the square roots of the first 8 primes, and of the
// cube roots of the first 64 (FIPS 180-4, sections 5.3.3 and 4.2.2).
const PRIMES = firstPrimes(ROUNDS);
const START = Int32Array.from(PRIMES.slice(0, WORDS), (prime) => fraction(root(prime, 2n)));
const K = Int32Array.from(PRIMES, (prime) => fraction(root(prime, 3n)));

// Used by one hash after the other; each is done before the next begins.
const schedule = new Int32Array(ROUNDS);
const tail = new Uint8Array(2 * BLOCK_BYTES);
const pad = new Uint8Array(BLOCK_BYTES);

/** What HMAC makes of its key, for many messages under it. */
export interface MacKey {
  readonly inner: Int32Array;
  readonly outer: Int32Array;
}

export function sha256(message: Uint8Array): Bytes {
  return bytesOf(absorb(START.slice(), message, 0));
}

/** A key of at most 64 bytes. */
export function macKey(key: Uint8Array): MacKey {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key;
  return { inner: padded(short, 0x36), outer: padded(short, 0x5c) };
}

function padded(key: Uint8Array, byte: number): Int32Array {
  for (let n = 0; n < BLOCK_BYTES; n += 1) pad[n] = (key[n] ?? 0) ^ byte;
  const state = START.slice();
  compress(state, pad, 0);
  return state;
}

/** HMAC-SHA256. */
export function mac(key: MacKey, message: Uint8Array): Bytes {
  const inner = bytesOf(absorb(key.inner.slice(), message, BLOCK_BYTES));
  return bytesOf(absorb(key.outer.slice(), inner, BLOCK_BYTES));
}

export function hmac(key: Uint8Array, message: Uint8Array): Bytes {
  return mac(macKey(key), message);
}

/** HKDF-SHA256 to 32 bytes. */
export function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array): Bytes {
  return expand(macKey(hmac(salt, ikm)), info);
}

/** The second half of it, for many outputs of one key. */
export function expand(key: MacKey, info: Uint8Array): Bytes {
  return mac(key, concat(info, Uint8Array.of(1)));
}

/** Hash the message into a state that has taken `before` bytes, a whole number of blocks. */
function absorb(state: Int32Array, message: Uint8Array, before: number): Int32Array {
  let at = 0;
  for (; at + BLOCK_BYTES <= message.length; at += BLOCK_BYTES) compress(state, message, at);
  const rest = message.length - at;
  // "append the bit "1" … followed by k zero bits … then … the 64-bit block" of the length in bits
  const end = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  for (let n = 0; n < rest; n += 1) tail[n] = message[at + n] ?? 0;
  tail[rest] = 0x80;
  for (let n = rest + 1; n < end - 5; n += 1) tail[n] = 0;
  const bits = (before + message.length) * 8;
  tail[end - 5] = Math.floor(bits / 2 ** 32);
  tail[end - 4] = bits >>> 24;
  tail[end - 3] = bits >>> 16;
  tail[end - 2] = bits >>> 8;
  tail[end - 1] = bits;
  for (let n = 0; n < end; n += BLOCK_BYTES) compress(state, tail, n);
  return state;
}

function compress(state: Int32Array, block: Uint8Array, at: number): void {
  const w = schedule;
  for (let t = 0; t < 16; t += 1) {
    const n = at + 4 * t;
    w[t] =
      ((block[n] ?? 0) << 24) |
      ((block[n + 1] ?? 0) << 16) |
      ((block[n + 2] ?? 0) << 8) |
      (block[n + 3] ?? 0);
  }
  for (let t = 16; t < ROUNDS; t += 1) {
    const x = w[t - 15] ?? 0;
    const y = w[t - 2] ?? 0;
    const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = ((w[t - 16] ?? 0) + small0 + (w[t - 7] ?? 0) + small1) | 0;
  }
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let t = 0; t < ROUNDS; t += 1) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + big1 + ((e & f) ^ (~e & g)) + (K[t] ?? 0) + (w[t] ?? 0)) | 0;
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

function bytesOf(state: Int32Array): Bytes {
  const bytes = new Uint8Array(4 * WORDS);
  for (let word = 0; word < WORDS; word += 1) {
    const value = state[word] ?? 0;
    bytes[4 * word] = value >>> 24;
    bytes[4 * word + 1] = value >>> 16;
    bytes[4 * word + 2] = value >>> 8;
    bytes[4 * word + 3] = value;
  }
  return bytes;
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let number = 2n; primes.length < count; number += 1n) {
    if (primes.every((prime) => number % prime !== 0n)) primes.push(number);
  }
  return primes;
}

/** The root of a number, times 2^32, rounded down. */
function root(number: bigint, degree: bigint): bigint {
  const target = number << (32n * degree);
  let low = 0n;
  let high = number << 32n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= target) low = middle;
    else high = middle - 1n;
  }
  return low;
}

function fraction(scaled: bigint): number {
  return Number(scaled & 0xffffffffn) | 0;
}

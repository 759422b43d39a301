import { describe, expect, it } from "vitest";

import { utf8 } from "../../src/crypto/bytes";
import { parse } from "../../src/crypto/json";

describe("strict JSON", () => {
  it.each([
    "null",
    "true",
    '""',
    "0",
    "9007199254740991",
    "[]",
    "{}",
    '{"a":[1,"\u00e9"],"b":{}}',
    '"😀"',
    '"\\n\\t\\u001f\\\\\\""',
    '"\u2028"',
  ])("reads %s", (text) => {
    expect(() => parse(utf8(text))).not.toThrow();
  });

  it.each([
    "",
    " ",
    "nul",
    "nulll",
    "-0",
    "-1",
    "1.0",
    "1e3",
    "01",
    "9007199254740992",
    "NaN",
    "Infinity",
    "[1,]",
    "[1 2]",
    "[1, 2]",
    "[ ]",
    "{ }",
    " {}",
    "{}\n",
    '{"a" :1}',
    '{"a": 1}',
    '{ "a":1}',
    '"\\u0061"',
    '"\\u00e9"',
    '"\\u001F"',
    '"\\/"',
    '"\\ud83d\\ude00"',
    '{"a":1,}',
    '{"a" 1}',
    "{a:1}",
    "{'a':1}",
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '"\n"',
    '"\\x"',
    '"\\ud800"',
    '"a',
    "1 2",
    "\ufeff{}",
    `${"[".repeat(40)}${"]".repeat(40)}`,
  ])("refuses %j", (text) => {
    expect(() => parse(utf8(text))).toThrow();
  });

  it("refuses what is not UTF-8", () => {
    expect(() => parse(Uint8Array.of(0x22, 0xff, 0x22))).toThrow();
    expect(() => parse(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toThrow();
  });

  it("gives what JSON.parse gives, where both read", () => {
    const text = '{"b":[1,{"c":null}],"a":"x\\n\\"y\\\\","d":false}';
    const plain = (value: unknown): unknown =>
      value instanceof Map
        ? Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
        : Array.isArray(value)
          ? value.map(plain)
          : value;
    expect(plain(parse(utf8(text)))).toEqual(JSON.parse(text));
  });
});

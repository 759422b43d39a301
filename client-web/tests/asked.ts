// The client's readers for whoever asks line by line: tests/support/readers.py puts the same bytes to
// these and to its own. The first line is what readers are given; each further one is a case.

import { createInterface } from "node:readline";

import { decode } from "../src/crypto/bytes";
import { believed, type GivenText, judge } from "./readers";

type Asked = Record<"bytes" | "reader" | "signature", string>;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
if (first.done === true) throw new Error("the first line is what readers are given");
const given = await believed(JSON.parse(first.value) as GivenText);
for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
  const { bytes, reader, signature } = JSON.parse(next.value) as Asked;
  const code = await judge(reader, decode(bytes), decode(signature), given);
  process.stdout.write(`${JSON.stringify(code)}\n`);
}

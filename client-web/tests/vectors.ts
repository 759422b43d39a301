// The files of ../../tests/vectors, which the Python tests read as well.

import { readFileSync } from "node:fs";

/** One of the files; whoever reads it says what shape it has. */
export function vectors(name: string): unknown {
  const url = new URL(`../../tests/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

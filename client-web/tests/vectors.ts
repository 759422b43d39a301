// The files of ../../tests/vectors, which the Python tests read as well.

import { readFileSync } from "node:fs";

export function vectors<Contents>(name: string): Contents {
  const url = new URL(`../../tests/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Contents;
}

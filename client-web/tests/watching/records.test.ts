import { describe, expect, it } from "vitest";

import { Refused } from "../../src/api/errors";
import { readRecords } from "../../src/watching/records";

function stream(...chunks: number[][]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Uint8Array.from(chunk));
      controller.close();
    },
  });
}

async function all(source: ReadableStream<Uint8Array>): Promise<(number[] | null)[]> {
  const found = [];
  for await (const one of readRecords(source)) found.push(one === null ? null : [...one]);
  return found;
}

describe("objects in a row", () => {
  it("come one by one, however the bytes are cut", async () => {
    const bytes = [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 9];
    const expected = [[1, 2, 3], null, [9]];
    expect(await all(stream(bytes))).toEqual(expected);
    expect(await all(stream(...bytes.map((byte) => [byte])))).toEqual(expected);
    expect(await all(stream([], bytes.slice(0, 5), [], bytes.slice(5)))).toEqual(expected);
    expect(await all(stream())).toEqual([]);
  });

  it.each([[[0, 0, 0]], [[0, 0, 0, 2, 1]], [[0, 0, 0, 0, 0, 0]]])(
    "are no row where it is cut off: %j",
    async (bytes) => {
      await expect(all(stream(bytes))).rejects.toThrow(Refused);
    },
  );

  it("are bounded", async () => {
    await expect(all(stream([255, 0, 0, 0, 1]))).rejects.toThrow("not-understood");
  });
});

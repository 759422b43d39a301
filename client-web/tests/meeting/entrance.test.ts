import { describe, expect, it } from "vitest";

import { wordsFor } from "../../src/meeting/entrance";

const words = ["de", "en", "pt-BR"].map((language) => ({
  language,
  text: language,
  digest: new Uint8Array(32),
}));

describe("the words somebody is shown", () => {
  it("are in the first of their languages that there is", () => {
    expect(wordsFor(words, ["fr", "de-AT", "en"])).toMatchObject({
      words: { language: "de" },
      exact: true,
    });
    expect(wordsFor(words, ["pt-PT"])).toMatchObject({ words: { language: "pt-BR" }, exact: true });
    expect(wordsFor(words, ["en-GB", "de"])).toMatchObject({
      words: { language: "en" },
      exact: true,
    });
  });

  it("are English, or else any, where there are none in their languages", () => {
    expect(wordsFor(words, ["fr"])).toMatchObject({ words: { language: "en" }, exact: false });
    expect(wordsFor(words.slice(0, 1), ["fr"])).toMatchObject({
      words: { language: "de" },
      exact: false,
    });
  });
});

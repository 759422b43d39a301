// The filters of an export as they are typed: read, and held against the bounds that the server has
// (storage/assent_vault/store/export_filters.py), which looks at them again.

import type { ExportFilters } from "../../api/export-types";

const MOST_LANGUAGES = 20;
const MOST_TAG = 35; // characters
const TAG = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;
const SECONDS = /^[0-9]{1,9}$/;
const PERCENT = /^[0-9]{1,3}(\.[0-9]{1,7})?$/;

/** What is typed; percentages, where the server has shares from 0 to 1. */
export interface FilterTexts {
  readonly languages: string;
  readonly seconds: string;
  readonly filled: string;
  readonly clipped: string;
}

export interface ReadFilters {
  readonly filters: ExportFilters;
  /** The fields that cannot be read, of which nothing is in `filters`. */
  readonly wrong: ReadonlySet<keyof FilterTexts>;
}

/** Read what is typed; an empty field asks for nothing. */
export function readFilters(texts: FilterTexts): ReadFilters {
  const wrong = new Set<keyof FilterTexts>();
  const read = (
    name: keyof FilterTexts,
    number: (text: string) => number | null,
  ): number | null => {
    const text = plain(texts[name]);
    const found = text === "" ? null : number(text);
    if (text !== "" && found === null) wrong.add(name);
    return found;
  };
  const languages = texts.languages.split(/[\s,،;؛]+/u).filter((tag) => tag !== "");
  const named =
    languages.length <= MOST_LANGUAGES &&
    languages.every((tag) => TAG.test(tag) && tag.length <= MOST_TAG);
  if (!named) wrong.add("languages");
  return {
    filters: {
      languages: named ? languages : [],
      least_seconds: read("seconds", (text) => (SECONDS.test(text) ? Number(text) : null)),
      most_filled: read("filled", share),
      most_clipped: read("clipped", share),
    },
    wrong,
  };
}

function share(text: string): number | null {
  if (!PERCENT.test(text) || Number(text) > 100) return null;
  // Not 0.011000000000000001 for 1.1 %: it stands in the data set as it was asked for.
  return Number((Number(text) / 100).toFixed(9));
}

/** Digits and the point as a program reads them. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/[٠-٩]/gu, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[,٫]/u, ".");
}

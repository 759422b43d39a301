// Hand what is larger than memory to the person: into a file that they pick, written as it comes, or
// where the browser has no such thing in files of a bounded size.

import type { Sink } from "../watching/copy";

interface SavePicker {
  showSaveFilePicker?: (options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }) => Promise<{ createWritable(): Promise<Sink> }>;
}

/** A file the person picks, or `otherwise`; null where they have changed their mind. */
export async function pickFile(
  name: string,
  type: string,
  otherwise: () => Sink,
): Promise<Sink | null> {
  const picker = (globalThis as SavePicker).showSaveFilePicker;
  if (picker === undefined) return otherwise();
  try {
    const types = [{ accept: { [type]: [name.slice(name.lastIndexOf("."))] } }];
    const handle = await picker({ suggestedName: name, types });
    return await handle.createWritable();
  } catch (error) {
    if ((error as Error).name === "AbortError") return null;
    throw error;
  }
}

export function download(part: Blob, name: string): void {
  const url = URL.createObjectURL(part);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then; it must not be held longer than it needs to be.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

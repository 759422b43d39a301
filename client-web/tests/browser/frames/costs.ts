// What a frame costs to encrypt and to decrypt, in a worker, with what the product has for it.

import address from "./costs-worker.ts?worker&url";

export interface Costs {
  readonly sealed: number;
  readonly opened: number;
}

/** Milliseconds for each frame of so many bytes, one after the other. */
export function costs(size: number, frames: number, source: string): Promise<Costs> {
  const { trustedTypes } = globalThis as {
    trustedTypes?: {
      createPolicy(
        name: string,
        rules: { createScriptURL: (text: string) => string },
      ): { createScriptURL: (text: string) => string };
    };
  };
  const rules = { createScriptURL: (text: string) => text };
  const policy = trustedTypes?.createPolicy("costs", rules) ?? rules;
  const worker = new Worker(policy.createScriptURL(address), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Costs>) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage({ size, frames, source });
  });
}

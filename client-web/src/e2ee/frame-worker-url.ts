// Where the worker's program is, and how one is made of it: a file of its own, under a name by content.

import address from "./frame-worker.ts?worker&url";

/** Trusted Types, of which the policy of our pages demands that no text becomes code. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (text: string) => string },
  ): { createScriptURL: (text: string) => string };
}

export function makeFrameWorker(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const rules = {
    createScriptURL: (text: string) => {
      if (text !== address) throw new TypeError("it is not the worker's address");
      return text;
    },
  };
  const policy = trustedTypes?.createPolicy("assent-frame-worker", rules) ?? rules;
  return new Worker(policy.createScriptURL(address), { type: "module" });
}

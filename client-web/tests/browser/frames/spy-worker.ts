// Copies frames as they come, and passes them on as they are.

import type { Transformer } from "../../../src/e2ee/transform-pipe";

interface Scope {
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
  postMessage(message: unknown): void;
}

const scope = self as unknown as Scope;

scope.onrtctransform = ({ transformer }) => {
  const { source } = transformer.options as { source: string };
  void transformer.readable
    .pipeThrough(
      new TransformStream({
        transform(frame, controller) {
          const { mimeType, synchronizationSource: ssrc } = frame.getMetadata();
          const data = new Uint8Array(frame.data.slice(0));
          scope.postMessage({ source, mimeType, ssrc, data });
          controller.enqueue(frame);
        },
      }),
    )
    .pipeTo(transformer.writable);
};

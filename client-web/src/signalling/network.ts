// Where browsers say that the way to the server may have changed.

/** Call `changed` when it may have; returns how to stop. */
export function watchNetwork(changed: () => void): () => void {
  const tell = (event: globalThis.Event): void => {
    if (event.type !== "visibilitychange" || document.visibilityState === "visible") changed();
  };
  const { connection } = navigator as { connection?: EventTarget };
  const places: [EventTarget, string][] = [
    [window, "online"],
    [document, "visibilitychange"],
  ];
  if (connection instanceof EventTarget) places.push([connection, "change"]);
  for (const [target, event] of places) target.addEventListener(event, tell);
  return () => {
    for (const [target, event] of places) target.removeEventListener(event, tell);
  };
}

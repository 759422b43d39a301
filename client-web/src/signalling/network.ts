// Where browsers say that the way to the server may have changed.

/** Call `changed` when it may have, while somebody looks at the page; returns how to stop. */
export function watchNetwork(changed: () => void): () => void {
  const tell = (): void => {
    if (document.visibilityState === "visible") changed();
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

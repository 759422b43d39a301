// One page of this browser at a time. A lock only saves work: whatever is done under it must be right
// without it, for older browsers have none, and a page that sleeps may hold one for long.

const PATIENCE_MS = 10_000;

/** Do it while no other page does what has this name, or when that takes too long. */
export async function oneAtATime<Result>(
  name: string,
  work: () => Promise<Result>,
  locks: LockManager | undefined = browserLocks(),
): Promise<Result> {
  if (locks === undefined) return await work();
  const waiting = new AbortController();
  const patience = setTimeout(() => {
    waiting.abort();
  }, PATIENCE_MS);
  const turn = { begun: false };
  const begin = (): Promise<Result> => {
    turn.begun = true;
    clearTimeout(patience);
    return work();
  };
  try {
    return await locks.request(`assent ${name}`, { signal: waiting.signal }, begin);
  } catch (error) {
    if (turn.begun) throw error;
    return await begin(); // not waited for any longer, or not allowed here
  }
}

function browserLocks(): LockManager | undefined {
  return typeof navigator === "undefined"
    ? undefined
    : (navigator as { locks?: LockManager }).locks;
}

// Lets long work pause, so that the server answers others meanwhile.

/** Longest that work holds the event loop before others get their turn; milliseconds. */
const TURN_MS = 4;

/**
 * Does work that pauses by itself, a turn of the event loop after the other, and resolves with what it returns.
 * @param work each of its steps takes around a tenth of a millisecond
 * @throws what the work throws
 */
export async function inTurns<T>(work: Generator<void, T, void>): Promise<T> {
  let end = performance.now() + TURN_MS;
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + TURN_MS;
  }
}

/** How many small steps make one that is worth a pause. */
export const STEPS_BETWEEN_PAUSES = 64;

/** Resolves in a later turn of the event loop, after what has come in meanwhile. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

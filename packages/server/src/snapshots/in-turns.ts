// Lets long work pause, so that the server answers others meanwhile.

/** Longest that work holds the event loop before others get their turn; milliseconds. */
const TURN_MS = 4;

/**
 * Does work that pauses by itself, a turn of the event loop after the other, and resolves with what it returns.
 * @param work each of its steps takes around a tenth of a millisecond
 * @throws what the work throws
 */
export async function inTurns<T>(work: Generator<void, T, void>): Promise<T> {
  const pause = pauses();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    const turn = pause();
    if (turn !== null) await turn;
  }
}

/**
 * For work that is no generator: call the result between its steps. It returns what to wait for once the work has held the event
 * loop for long enough; `null`, as mostly, for nothing.
 */
export function pauses(): () => Promise<void> | null {
  let end = performance.now() + TURN_MS;
  const pause = async (): Promise<void> => {
    await nextTurn();
    end = performance.now() + TURN_MS;
  };
  return () => (performance.now() < end ? null : pause());
}

/** How many small steps make one that is worth a pause. */
export const STEPS_BETWEEN_PAUSES = 64;

/** Resolves in a later turn of the event loop, after what has come in meanwhile. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

// Waits for something, but not for ever.

/** Resolves when the promise has settled, or after so many milliseconds; never rejects and leaves no timer. */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled([promise]), timeUp]);
  clearTimeout(timer);
}

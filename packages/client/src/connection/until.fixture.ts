// Waits in a test for a condition, with a deadline.

/** Resolves when the condition holds. @throws Error when it does not within 5 s */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition.toString()}`);
    await Bun.sleep(1);
  }
}

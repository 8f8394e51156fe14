// Does something until it is done or the person has pressed Ctrl-C.
import type { Environment } from "./environment.ts";

/**
 * What the work gives; `null` after Ctrl-C. The work is not stopped by that: whoever calls this ends the process soon. A second
 * Ctrl-C ends it at once.
 *
 * @param clear takes away what is not to stay, before a second Ctrl-C can end the process; default nothing
 */
export async function untilInterrupt<T>(
  work: () => Promise<T>,
  { onInterrupt }: Pick<Environment, "onInterrupt">,
  clear: () => void = () => undefined,
): Promise<T | null> {
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<null>();
  const off = onInterrupt(() => {
    clear();
    interrupt(null);
  });
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    off();
  }
}

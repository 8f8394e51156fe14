// Waiting that ends early when nobody wants the result any more.

/** Resolves with `null` when the signal aborts; `forget` takes the listener off. */
export function whenAborted(signal: AbortSignal): {
  readonly aborted: Promise<null>;
  readonly forget: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<null>();
  const listener = (): void => resolve(null);
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  return { aborted: promise, forget: () => signal.removeEventListener("abort", listener) };
}

/** Resolves after so many milliseconds, or when the signal aborts. */
export async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  const { aborted, forget } = whenAborted(signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([timeUp, aborted]);
  clearTimeout(timer);
  forget();
}

// Acts when nothing has come for a while of what is waited for.

/** Waits beside somebody who waits for the next piece of a stream. */
export interface Quiet {
  /** Begins to wait. What began before has ended. */
  begin(): void;
  /** Waits no more; resolves when what it has done for the silence is done. @throws what that has thrown */
  end(): Promise<void>;
}

/** Acts once for each silence of so many milliseconds. */
export function whenQuiet(ms: number, act: () => Promise<void>): Quiet {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let acting: Promise<void> | null = null;
  return {
    begin: () => {
      timer = setTimeout(() => {
        acting = act();
        acting.catch(() => undefined);
      }, ms);
    },
    end: async () => {
      clearTimeout(timer);
      await acting;
    },
  };
}

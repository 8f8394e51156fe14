// Does the work of a command, and on Ctrl-C says in one line whether anything was changed.
import { EXIT } from "@fetchml/protocol";
import type { Environment } from "./environment.ts";
import { untilInterrupt } from "./until-interrupt.ts";

/** What is true of a command that is interrupted now; changed as it goes on. */
export interface AtInterrupt {
  /** Whether anything was changed or queued, as a sentence. */
  words: string;
  /** Takes away what is not to stay, off the screen and off the disk. */
  clear: () => void;
}

/**
 * The exit code of the work; 130 after Ctrl-C, when standard error has been told what is true then. The work is not stopped by that: the
 * process is to end at once.
 *
 * @param words what is true when the work begins
 */
export async function tellingInterrupt(
  environment: Environment,
  words: string,
  work: (at: AtInterrupt) => Promise<number>,
): Promise<number> {
  const at: AtInterrupt = { words, clear: () => undefined };
  const code = await untilInterrupt(
    () => work(at),
    environment,
    () => at.clear(),
  );
  if (code !== null) return code;
  environment.stderr.write(`Interrupted. ${at.words}\n`);
  return EXIT.interrupted;
}

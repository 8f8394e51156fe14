// Asks the person at the terminal whether to go on.
import { createInterface } from "node:readline/promises";
import { FetchmlError } from "@fetchml/protocol";

/**
 * Whether the answer was yes, which the empty line is too.
 * @throws FetchmlError usage when there is no terminal to ask at
 */
export async function askConsent(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new FetchmlError(
      "usage",
      "Nothing was done: there is no terminal to ask at.\nTo do all of this without being asked: fetchml init --yes",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(?:y|yes)?$/i.test((await terminal.question(`${question} [Y/n] `)).trim());
  } finally {
    terminal.close();
  }
}

// `ml completion`: print what makes a shell complete ml commands.
import { EXIT, FetchmlError } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { mlProgram, type CompletedProgram } from "../completion/completed-program.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";

/** Prints the script of one shell. @throws FetchmlError usage for another shell */
export const run: RunCommand = async (invocation, environment) => {
  const [shell = ""] = invocation.words;
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined) {
    throw new FetchmlError(
      "usage",
      `There is no completion for ${JSON.stringify(shell)}. Usage: ml completion bash|zsh|fish`,
    );
  }
  environment.stdout.write(script(mlProgram(invocation.commands)));
  return EXIT.ok;
};

const SCRIPTS: Readonly<Record<string, (program: CompletedProgram) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

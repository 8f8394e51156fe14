// What to say to a verb that `ml` does not have.
import { FetchmlError } from "@fetchml/protocol";
import type { Command } from "../command.ts";
import { didYouMean, nearWords } from "./suggest.ts";

/** The error for a verb that is in no row of the table, with the verbs that were probably meant. */
export function unknownVerb(verb: string, commands: readonly Command[]): FetchmlError {
  const peer = Object.hasOwn(PEER_VERBS, verb) ? PEER_VERBS[verb] : undefined;
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
  const near = peer === undefined ? nearWords(verb, [...names, "help"]) : [peer];
  return new FetchmlError(
    "usage",
    `"ml" has no command ${JSON.stringify(verb)}.${didYouMean(near)}\n"ml help" lists the commands.`,
  );
}

/** What Slurm, pueue, docker, gh and the shell call the same thing. */
const PEER_VERBS: Readonly<Record<string, string>> = {
  abort: "cancel",
  add: "queue",
  attach: "logs -f",
  config: "login",
  delete: "cancel",
  describe: "show",
  follow: "logs -f",
  info: "status",
  inspect: "show",
  keys: "key list",
  kill: "cancel",
  ls: "list",
  pause: "hold",
  ps: "list",
  resume: "release",
  rm: "cancel",
  rotate: "key rotate",
  sbatch: "queue",
  scancel: "cancel",
  squeue: "queue",
  srun: "run",
  start: "queue",
  stop: "cancel",
  tail: "logs -f",
  top: "status",
  unhold: "release",
  update: "edit",
  version: "--version",
  watch: "status",
};

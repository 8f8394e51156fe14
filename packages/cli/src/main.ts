// The `ml` command: reads its environment, does what was asked, and ends with the exit code.
import { readEnvironment } from "./environment.ts";
import { reportError } from "./report-error.ts";
import { runCommandLine } from "./run-command-line.ts";

async function main(): Promise<void> {
  const environment = readEnvironment();
  // What is thrown where nobody waits for it is a fault all the same, and shows no stack either.
  const onFault = (error: unknown): void => {
    const debug = environment.args.includes("--debug");
    process.exit(reportError(error, { stderr: environment.stderr, debug }));
  };
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  // Output is written at once, so nothing is lost by not waiting for open sockets and timers.
  process.exit(await runCommandLine(environment));
}

void main();

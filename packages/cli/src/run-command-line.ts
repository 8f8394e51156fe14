// From the words typed to the exit code.
import { EXIT, PRODUCT_VERSION } from "@fetchml/protocol";
import { isSet } from "./args/option-values.ts";
import { parseCommandLine } from "./args/parse-command-line.ts";
import { commands } from "./command-table.ts";
import type { Environment } from "./environment.ts";
import { reportError } from "./report-error.ts";

/** Does what the command line asks for and answers the exit code. Every error has been told to standard error. */
export async function runCommandLine(environment: Environment): Promise<number> {
  // Looked for among the bare words, because the line may be one that cannot be parsed.
  let debug = environment.args.includes("--debug");
  try {
    const line = parseCommandLine(environment.args, commands);
    switch (line.kind) {
      case "version":
        environment.stdout.write(`ml ${PRODUCT_VERSION}\n`);
        return EXIT.ok;
      case "help": {
        const { commandText, overviewText } = await import("./render/help-text.ts");
        const text = line.command === null ? overviewText(commands) : commandText(line.command);
        environment.stdout.write(text);
        return EXIT.ok;
      }
      case "family-help": {
        const { familyText } = await import("./render/help-text.ts");
        environment.stdout.write(familyText(line.family));
        return EXIT.ok;
      }
      case "run": {
        debug = isSet(line.invocation.options, "debug");
        const { run } = await line.command.load();
        return await run(line.invocation, environment);
      }
    }
  } catch (error) {
    return reportError(error, { stderr: environment.stderr, debug });
  }
}

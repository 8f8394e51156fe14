// The `fetchml` executable: reads the command line, runs the command, exits with its code.
import {
  EXIT,
  FetchmlError,
  PRODUCT_VERSION,
  errorCodeEntry,
  redactApiKeys,
} from "@fetchml/protocol";
import { helpText } from "./commands/help.ts";
import { parseCommandLine } from "./commands/parse-command-line.ts";

async function main(argv: readonly string[]): Promise<number> {
  const line = parseCommandLine(argv);
  switch (line.kind) {
    case "version":
      process.stdout.write(`fetchml ${PRODUCT_VERSION}\n`);
      return EXIT.ok;
    case "help":
      process.stdout.write(helpText(line.about));
      return EXIT.ok;
    case "run": {
      const { run } = await line.command.load();
      return run(line.invocation);
    }
  }
}

function explain(error: unknown): number {
  if (error instanceof FetchmlError) {
    process.stderr.write(`${redactApiKeys(error.message)}\n`);
    return errorCodeEntry(error.code).exit;
  }
  const what = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `fetchml: a fault of the program: ${redactApiKeys(what.split("\n")[0] ?? "")}\nPlease report it with the command you typed.\n`,
  );
  return EXIT.other;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(explain(error)),
);

// Writes what is installed beside the executables and made from their command tables: manual pages and completions.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commands } from "../../packages/cli/src/command-table.ts";
import { bashCompletion } from "../../packages/cli/src/completion/bash.ts";
import {
  mlProgram,
  type CompletedProgram,
} from "../../packages/cli/src/completion/completed-program.ts";
import { fishCompletion } from "../../packages/cli/src/completion/fish.ts";
import { zshCompletion } from "../../packages/cli/src/completion/zsh.ts";
import { adminCommands } from "../../packages/server/src/commands/command-table.ts";
import { adminProgram } from "./admin-completion.ts";
import { fetchmlManual, mlManual } from "./man-pages.ts";

/** Writes `man/` and `completions/` into a folder. */
export function writePages(folder: string): void {
  const pages: Readonly<Record<string, string>> = {
    "man/ml.1": mlManual(commands),
    "man/fetchml.1": fetchmlManual(adminCommands),
    ...completions(mlProgram(commands)),
    ...completions(adminProgram(adminCommands)),
  };
  for (const [path, text] of Object.entries(pages)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o644 });
  }
}

function completions(program: CompletedProgram): Readonly<Record<string, string>> {
  return {
    [`completions/${program.name}.bash`]: bashCompletion(program),
    [`completions/_${program.name}`]: zshCompletion(program),
    [`completions/${program.name}.fish`]: fishCompletion(program),
  };
}

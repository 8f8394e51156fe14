// Writes what is installed beside the executables and made from their command tables: manual pages and completions.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commands } from "../../packages/cli/src/command-table.ts";
import { bashCompletion } from "../../packages/cli/src/completion/bash.ts";
import { fishCompletion } from "../../packages/cli/src/completion/fish.ts";
import { zshCompletion } from "../../packages/cli/src/completion/zsh.ts";
import { adminCommands } from "../../packages/server/src/commands/command-table.ts";
import { fetchmlManual, mlManual } from "./man-pages.ts";

/** Writes `man/` and `completions/` into a folder. */
export function writePages(folder: string): void {
  const pages: Readonly<Record<string, string>> = {
    "man/ml.1": mlManual(commands),
    "man/fetchml.1": fetchmlManual(adminCommands),
    "completions/ml.bash": bashCompletion(commands),
    "completions/_ml": zshCompletion(commands),
    "completions/ml.fish": fishCompletion(commands),
  };
  for (const [path, text] of Object.entries(pages)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o644 });
  }
}

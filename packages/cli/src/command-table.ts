// Every command of `ml`, in the order in which help lists them.
import { accountCommands } from "./command-table/account-commands.ts";
import { changeCommands } from "./command-table/change-commands.ts";
import { codeCommands } from "./command-table/code-commands.ts";
import { execCommand } from "./command-table/exec-command.ts";
import { keyCommands } from "./command-table/key-commands.ts";
import { lookCommands } from "./command-table/look-commands.ts";
import { resultCommands } from "./command-table/result-commands.ts";
import { secretCommands } from "./command-table/secret-commands.ts";
import { setupCommands } from "./command-table/setup-commands.ts";
import { submitCommands } from "./command-table/submit-commands.ts";
import type { Command } from "./command.ts";

/** The command table: parser, help and completion are made from it. */
export const commands: readonly Command[] = [
  ...submitCommands,
  ...lookCommands,
  ...resultCommands,
  ...codeCommands,
  ...changeCommands,
  execCommand,
  ...accountCommands,
  ...keyCommands,
  ...secretCommands,
  ...setupCommands,
];

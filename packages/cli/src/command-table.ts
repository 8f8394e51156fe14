// Every command of `ml`, in the order in which help lists them.
import { accountCommands } from "./command-table/account-commands.ts";
import { changeCommands } from "./command-table/change-commands.ts";
import { keyCommands } from "./command-table/key-commands.ts";
import { lookCommands } from "./command-table/look-commands.ts";
import { setupCommands } from "./command-table/setup-commands.ts";
import { submitCommands } from "./command-table/submit-commands.ts";
import type { Command } from "./command.ts";

/** The command table: parser, help and completion are made from it. */
export const commands: readonly Command[] = [
  ...submitCommands,
  ...lookCommands,
  ...changeCommands,
  ...accountCommands,
  ...keyCommands,
  ...setupCommands,
];

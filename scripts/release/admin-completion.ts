// Tells the completion scripts of `fetchml`, from its command table.
import type {
  CompletedCommand,
  CompletedProgram,
} from "../../packages/cli/src/completion/completed-program.ts";
import type { OptionSpec, OptionSpecs } from "../../packages/cli/src/command.ts";
import {
  COMMON_OPTIONS,
  type AdminCommand,
} from "../../packages/server/src/commands/command-table.ts";

/** `fetchml` with these commands. */
export function adminProgram(commands: readonly AdminCommand[]): CompletedProgram {
  return {
    name: "fetchml",
    commands: commands.map(completed),
    options: specsOf(COMMON_OPTIONS, COMMON_USAGE),
    madeBy: "npm run build",
  };
}

const COMMON_USAGE = "[--config FILE] [--data-dir DIR]";

function completed({ name, summary, usage, options }: AdminCommand): CompletedCommand {
  // What stands before the first option: `FILE`, or words of which one is to be taken.
  const [words = ""] = usage.split(/ ?\[?--/);
  const complete = words.startsWith("FILE") ? "files" : wordsOf(words.split(" ").at(-1) ?? "");
  return {
    name,
    aliases: [],
    summary,
    options: specsOf(options, usage),
    words: complete === undefined ? {} : { complete },
  };
}

/** The options with what their usage calls their values, and which these can be. */
function specsOf(options: AdminCommand["options"], usage: string): OptionSpecs {
  const specs = Object.entries(options).map(([name, { type, short }]): [string, OptionSpec] => {
    const value = new RegExp(`--${name} ([^\\s\\]]+)`).exec(usage)?.[1];
    const choices = wordsOf(value ?? "");
    return [
      name,
      {
        type,
        help: "",
        ...(short !== undefined && { short }),
        ...(type === "string" && value !== undefined && { value }),
        ...(choices !== undefined && { choices }),
      },
    ];
  });
  return Object.fromEntries(specs);
}

/** `auto|none` as its words; nothing for what is in capitals, and stands for something else. */
function wordsOf(value: string): readonly string[] | undefined {
  return /^[a-z\d]+(?:\|[a-z\d]+)+$/.test(value) ? value.split("|") : undefined;
}

// The completion script for fish.
import { GLOBAL_OPTIONS } from "../args/global-options.ts";
import type { Command, OptionSpec, OptionSpecs } from "../command.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script that completes verbs, options and words of `ml`. */
export function fishCompletion(commands: readonly Command[]): string {
  return `${[
    '# fish completion for ml; made by "ml completion fish"',
    "complete -c ml -f",
    ...commands.map(
      ({ name, summary }) =>
        `complete -c ml -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ),
    "complete -c ml -n __fish_use_subcommand -a help -d 'show help'",
    ...optionLines(GLOBAL_OPTIONS, ""),
    ...commands.flatMap(fishLines),
  ].join("\n")}\n`;
}

function fishLines(command: Command): readonly string[] {
  const verbs = [command.name, ...command.aliases].join(" ");
  const condition = ` -n '__fish_seen_subcommand_from ${verbs}'`;
  const { complete } = command.words;
  const words = complete === "job-names" ? `(${JOB_NAMES_SHELL})` : (complete ?? []).join(" ");
  const wordLine = words.trim() === "" ? [] : [`complete -c ml${condition} -a ${quoted(words)}`];
  return [...optionLines(command.options, condition), ...wordLine];
}

function optionLines(options: OptionSpecs, condition: string): readonly string[] {
  return Object.entries<OptionSpec>(options).map(([name, { short, type, help, choices }]) => {
    const letter = short === undefined ? "" : ` -s ${short}`;
    const value = type === "string" ? " -r" : "";
    const values = choices === undefined ? "" : ` -a ${quoted(choices.join(" "))}`;
    return `complete -c ml${condition} -l ${name}${letter}${value}${values} -d ${quoted(help)}`;
  });
}

/** In single quotes, in which fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}

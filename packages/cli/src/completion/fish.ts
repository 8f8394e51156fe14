// The completion script for fish.
import { GLOBAL_OPTIONS } from "../args/global-options.ts";
import { firstWords, type FirstWord } from "../command-families.ts";
import type { Command, OptionSpec, OptionSpecs } from "../command.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script that completes verbs, options and words of `ml`. */
export function fishCompletion(commands: readonly Command[]): string {
  return `${[
    '# fish completion for ml; made by "ml completion fish"',
    VERB_TEST,
    "complete -c ml -f",
    ...firstWords(commands).flatMap(firstWordLines),
    "complete -c ml -n __fish_use_subcommand -a help -d 'show help'",
    ...optionLines(GLOBAL_OPTIONS, ""),
    ...commands.flatMap(fishLines),
  ].join("\n")}\n`;
}

/** True when the verb on the line is one of those given; "key " is the family \`key\` without its second word. */
const VERB_TEST = String.raw`function __ml_verb_is
  set -l typed (commandline -opc)
  set -l words (string match -v -- '-*' $typed[2..])
  contains -- "$words[1]" $argv; or contains -- "$words[1] $words[2]" $argv
end`;

function firstWordLines({ word, summary, seconds }: FirstWord): readonly string[] {
  return [
    `complete -c ml -n __fish_use_subcommand -a ${word} -d ${quoted(summary)}`,
    ...(seconds.length === 0
      ? []
      : [`complete -c ml -n '__ml_verb_is "${word} "' -a ${quoted(seconds.join(" "))}`]),
  ];
}

function fishLines(command: Command): readonly string[] {
  const verbs = [command.name, ...command.aliases].map((name) => `"${name}"`).join(" ");
  const condition = ` -n '__ml_verb_is ${verbs}'`;
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

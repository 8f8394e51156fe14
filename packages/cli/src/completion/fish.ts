// The completion script for fish.
import { firstWords, type FirstWord } from "../command-families.ts";
import type { OptionSpec, OptionSpecs } from "../command.ts";
import {
  valuedOptions,
  type CompletedCommand,
  type CompletedProgram,
} from "./completed-program.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script that completes verbs, options and words of a program. */
export function fishCompletion(program: CompletedProgram): string {
  const { name, commands, options, madeBy } = program;
  return `${[
    `# fish completion for ${name}; made by "${madeBy} fish"`,
    verbTests(name, valuedOptions(program)),
    `complete -c ${name} -f`,
    ...firstWords(commands).flatMap((first) => firstWordLines(name, first)),
    `complete -c ${name} -n __${name}_has_no_verb -a help -d 'show help'`,
    ...optionLines(`complete -c ${name}`, options),
    ...commands.flatMap((command) => fishLines(name, command)),
  ].join("\n")}\n`;
}

/**
 * The plain words on the line; whether there is none yet; and whether the verb is one of those given, where "key " is the family
 * `key` without its second word.
 */
const verbTests = (name: string, valued: readonly string[]) => String.raw`function __${name}_words
  set -l typed (commandline -opc)
  set -l before ''
  for word in $typed[2..]
    if contains -- $before ${valued.join(" ")}
      set before ''
      continue
    end
    set before $word
    string match -v -- '-*' $word
  end
end
function __${name}_has_no_verb
  not count (__${name}_words) >/dev/null
end
function __${name}_verb_is
  set -l words (__${name}_words)
  contains -- "$words[1]" $argv; or contains -- "$words[1] $words[2]" $argv
end`;

function firstWordLines(name: string, { word, summary, seconds }: FirstWord): readonly string[] {
  return [
    `complete -c ${name} -n __${name}_has_no_verb -a ${word} -d ${quoted(summary)}`,
    ...(seconds.length === 0
      ? []
      : [`complete -c ${name} -n '__${name}_verb_is "${word} "' -a ${quoted(seconds.join(" "))}`]),
  ];
}

function fishLines(name: string, command: CompletedCommand): readonly string[] {
  const verbs = [command.name, ...command.aliases].map((verb) => `"${verb}"`).join(" ");
  const start = `complete -c ${name} -n '__${name}_verb_is ${verbs}'`;
  const { complete } = command.words;
  const options = optionLines(start, command.options);
  if (complete === "files") return [...options, `${start} -F`];
  const words = complete === "job-names" ? `(${JOB_NAMES_SHELL})` : (complete ?? []).join(" ");
  return words.trim() === "" ? options : [...options, `${start} -a ${quoted(words)}`];
}

function optionLines(start: string, options: OptionSpecs): readonly string[] {
  return Object.entries<OptionSpec>(options).map(([name, spec]) => {
    const { short, type, help, choices, value: called } = spec;
    const letter = short === undefined ? "" : ` -s ${short}`;
    const path = called === "FILE" || called === "DIR" ? " -r -F" : " -x";
    const value = type === "string" ? path : "";
    const values = choices === undefined ? "" : ` -a ${quoted(choices.join(" "))}`;
    const told = help === "" ? "" : ` -d ${quoted(help)}`;
    return `${start} -l ${name}${letter}${value}${values}${told}`;
  });
}

/** In single quotes, in which fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}

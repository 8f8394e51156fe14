// The completion script for zsh.
import { firstWords } from "../command-families.ts";
import {
  optionsIn,
  valuedOptions,
  type CompletedCommand,
  type CompletedProgram,
} from "./completed-program.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script for a file `_NAME` in `fpath`; it completes verbs, options and words of a program. */
export function zshCompletion(program: CompletedProgram): string {
  const { name, commands, madeBy } = program;
  const firsts = firstWords(commands);
  const families = firsts.filter(({ seconds }) => seconds.length > 0);
  const valued = valuedOptions(program).join("|");
  return `#compdef ${name}
# made by "${madeBy} zsh"
_${name}() {
  local -a verbs
  verbs=(
${firsts.map(({ word, summary }) => `    ${quoted(`${word}:${summary}`)}`).join("\n")}
    'help:show help'
  )
  local verb="" before="" index
  for ((index = 2; index < CURRENT; index++)); do
    case "$before" in
      ${valued}) before=""; continue ;;
    esac
    before="$words[index]"
    case "$before" in
      --) _files; return ;;
      -*) ;;
      *)
        case "$verb" in
          "") verb="$before" ;;
          ${families.map(({ word }) => word).join("|")}) verb="$verb $before" ;;
        esac
        ;;
    esac
  done
  case "$before" in
    ${valued}) _files; return ;;
  esac
  case "$verb" in
    "") _describe command verbs ;;
    help) _describe command verbs ;;
${families.map(({ word, seconds }) => `    ${word}) compadd -- ${seconds.join(" ")} ;;`).join("\n")}
${commands.map((command) => zshCase(command, program)).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function zshCase(command: CompletedCommand, program: CompletedProgram): string {
  const { all, withChoices, withValue } = optionsIn(command, program);
  const options = Object.entries(all).map(([name, { help }]) =>
    quoted(help === "" ? `--${name}` : `--${name}:${help}`),
  );
  const patterns = [command.name, ...command.aliases].map((name) => `"${name}"`).join("|");
  const values = withChoices.map(
    ([option, choices]) => `        ${option}) compadd -- ${choices.join(" ")}; return ;;`,
  );
  return `    ${patterns})
      case "$words[CURRENT-1]" in
${[...values, `        ${withValue.join("|")}) _files; return ;;`].join("\n")}
      esac
      local -a options
      options=(${options.join(" ")})
      if [[ "$PREFIX" == -* ]]; then _describe option options; else ${wordsOf(command)}; fi ;;`;
}

function wordsOf({ words: { complete } }: CompletedCommand): string {
  if (complete === "files") return "_files";
  if (complete === "job-names") return `compadd -- \${(f)"$(${JOB_NAMES_SHELL})"}`;
  return `compadd -- ${(complete ?? []).join(" ")}`;
}

/** In single quotes; a colon inside the help text would split it. */
function quoted(entry: string): string {
  const [name = "", ...help] = entry.split(":");
  const text = help.length === 0 ? name : `${name}:${help.join(String.raw`\:`)}`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

// The completion script for bash.
import { firstWords } from "../command-families.ts";
import {
  optionsIn,
  valuedOptions,
  type CompletedCommand,
  type CompletedProgram,
} from "./completed-program.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script that, once evaluated, completes verbs, options and words of a program. */
export function bashCompletion(program: CompletedProgram): string {
  const { name, commands, madeBy } = program;
  const firsts = firstWords(commands);
  const families = firsts.filter(({ seconds }) => seconds.length > 0);
  const valued = valuedOptions(program).join("|");
  const verbs = [...firsts.map(({ word }) => word), ...commands.flatMap(({ aliases }) => aliases)];
  return `# bash completion for ${name}; made by "${madeBy} bash"
_${name}() {
  local word before verb index
  COMPREPLY=()
  before=""
  verb=""
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$word" in
      # bash cuts --config=FILE and ws://box at these signs.
      =*) ((++index == COMP_CWORD)) || before=""; continue ;;
      :*) ((++index)); continue ;;
    esac
    case "$before" in
      ${valued}) before=""; continue ;;
    esac
    before="$word"
    case "$word" in
      --) return ;;
      -*) ;;
      *)
        case "$verb" in
          "") verb="$word" ;;
          ${families.map(({ word }) => word).join("|")}) verb="$verb $word" ;;
        esac
        ;;
    esac
  done
  word="\${COMP_WORDS[COMP_CWORD]}"
  case "$word" in
    =*) word="" ;;
  esac
  case "$before" in
    ${valued}) return ;;
  esac
  case "$verb" in
    "") COMPREPLY=($(compgen -W "${[...verbs, "help", "--help", "--version"].join(" ")}" -- "$word")) ;;
    help) COMPREPLY=($(compgen -W "${verbs.join(" ")}" -- "$word")) ;;
${families.map(({ word, seconds }) => `    ${word}) COMPREPLY=($(compgen -W "${seconds.join(" ")} --help" -- "$word")) ;;`).join("\n")}
${commands.map((command) => bashCase(command, program)).join("\n")}
  esac
}
complete -o default -F _${name} ${name}
`;
}

function bashCase(command: CompletedCommand, program: CompletedProgram): string {
  const { all, withChoices, withValue } = optionsIn(command, program);
  const options = Object.keys(all).map((name) => `--${name}`);
  const patterns = [command.name, ...command.aliases].map((name) => `"${name}"`).join("|");
  const values = withChoices.map(
    ([option, choices]) =>
      `        ${option}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`,
  );
  // With nothing to offer bash offers files.
  return `    ${patterns})
      case "$before" in
${[...values, `        ${withValue.join("|")}) return ;;`].join("\n")}
      esac
      ${wordsOf(command, options)} ;;`;
}

function wordsOf({ words: { complete } }: CompletedCommand, options: readonly string[]): string {
  const offered = (more: string) =>
    `COMPREPLY=($(compgen -W "${[...options, more].join(" ").trim()}" -- "$word"))`;
  // Files are bash's own, which keeps a name with blanks in one piece.
  if (complete === "files") return `[[ "$word" != -* ]] || ${offered("")}`;
  return offered(complete === "job-names" ? `$(${JOB_NAMES_SHELL})` : (complete ?? []).join(" "));
}

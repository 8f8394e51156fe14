// The completion script for bash.
import { optionsOf } from "../args/parse-command-line.ts";
import { firstWords } from "../command-families.ts";
import type { Command } from "../command.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script that, once evaluated, completes verbs, options and words of `ml`. */
export function bashCompletion(commands: readonly Command[]): string {
  const firsts = firstWords(commands);
  const families = firsts.filter(({ seconds }) => seconds.length > 0);
  const verbs = [...firsts.map(({ word }) => word), ...commands.flatMap(({ aliases }) => aliases)];
  return `# bash completion for ml; made by "ml completion bash"
_ml() {
  local word verb index
  COMPREPLY=()
  word="\${COMP_WORDS[COMP_CWORD]}"
  verb=""
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      --) return ;;
      -*) ;;
      *)
        case "$verb" in
          "") verb="\${COMP_WORDS[index]}" ;;
          ${families.map(({ word }) => word).join("|")}) verb="$verb \${COMP_WORDS[index]}" ;;
        esac
        ;;
    esac
  done
  case "$verb" in
    "") COMPREPLY=($(compgen -W "${[...verbs, "help", "--help", "--version"].join(" ")}" -- "$word")) ;;
    help) COMPREPLY=($(compgen -W "${verbs.join(" ")}" -- "$word")) ;;
${families.map(({ word, seconds }) => `    ${word}) COMPREPLY=($(compgen -W "${seconds.join(" ")} --help" -- "$word")) ;;`).join("\n")}
${commands.map(bashCase).join("\n")}
  esac
}
complete -o default -F _ml ml
`;
}

function bashCase(command: Command): string {
  const options = Object.keys(optionsOf(command)).map((name) => `--${name}`);
  const patterns = [command.name, ...command.aliases].map((name) => `"${name}"`).join("|");
  const { complete } = command.words;
  const words =
    complete === "job-names" ? ` $(${JOB_NAMES_SHELL})` : ` ${(complete ?? []).join(" ")}`;
  return `    ${patterns}) COMPREPLY=($(compgen -W "${options.join(" ")}${words}" -- "$word")) ;;`;
}

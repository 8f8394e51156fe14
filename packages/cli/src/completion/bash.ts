// The completion script for bash.
import { optionsOf } from "../args/parse-command-line.ts";
import type { Command } from "../command.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script that, once evaluated, completes verbs, options and words of `ml`. */
export function bashCompletion(commands: readonly Command[]): string {
  const verbs = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
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
      *) [[ -n "$verb" ]] || verb="\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$verb" in
    "") COMPREPLY=($(compgen -W "${[...verbs, "help", "--help", "--version"].join(" ")}" -- "$word")) ;;
    help) COMPREPLY=($(compgen -W "${verbs.join(" ")}" -- "$word")) ;;
${commands.map(bashCase).join("\n")}
  esac
}
complete -o default -F _ml ml
`;
}

function bashCase(command: Command): string {
  const options = Object.keys(optionsOf(command)).map((name) => `--${name}`);
  const patterns = [command.name, ...command.aliases].join("|");
  const { complete } = command.words;
  const words =
    complete === "job-names" ? ` $(${JOB_NAMES_SHELL})` : ` ${(complete ?? []).join(" ")}`;
  return `    ${patterns}) COMPREPLY=($(compgen -W "${options.join(" ")}${words}" -- "$word")) ;;`;
}

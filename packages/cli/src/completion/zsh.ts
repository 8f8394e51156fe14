// The completion script for zsh.
import { optionsOf } from "../args/parse-command-line.ts";
import type { Command } from "../command.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script for a file `_ml` in `fpath`; it completes verbs, options and words of `ml`. */
export function zshCompletion(commands: readonly Command[]): string {
  return `#compdef ml
# made by "ml completion zsh"
_ml() {
  local -a verbs
  verbs=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
    'help:show help'
  )
  if ((CURRENT == 2)); then
    _describe command verbs
    return
  fi
  if ((\${words[(i)--]} < CURRENT)); then
    _files
    return
  fi
  case "$words[2]" in
    help) _describe command verbs ;;
${commands.map(zshCase).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _ml ]]; then _ml "$@"; else compdef _ml ml; fi
`;
}

function zshCase(command: Command): string {
  const options = Object.entries(optionsOf(command)).map(([name, { help }]) =>
    quoted(`--${name}:${help}`),
  );
  const patterns = [command.name, ...command.aliases].join("|");
  const { complete } = command.words;
  const words =
    complete === "job-names"
      ? `compadd -- \${(f)"$(${JOB_NAMES_SHELL})"}`
      : `compadd -- ${(complete ?? []).join(" ")}`;
  return `    ${patterns})
      local -a options
      options=(${options.join(" ")})
      if [[ "$PREFIX" == -* ]]; then _describe option options; else ${words}; fi ;;`;
}

/** In single quotes; a colon inside the help text would split it. */
function quoted(entry: string): string {
  const [name = "", ...help] = entry.split(":");
  const text = `${name}:${help.join(String.raw`\:`)}`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

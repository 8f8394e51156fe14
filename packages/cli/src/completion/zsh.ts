// The completion script for zsh.
import { optionsOf } from "../args/parse-command-line.ts";
import { firstWords } from "../command-families.ts";
import type { Command } from "../command.ts";
import { JOB_NAMES_SHELL } from "./job-names.ts";

/** A script for a file `_ml` in `fpath`; it completes verbs, options and words of `ml`. */
export function zshCompletion(commands: readonly Command[]): string {
  const firsts = firstWords(commands);
  const families = firsts.filter(({ seconds }) => seconds.length > 0);
  return `#compdef ml
# made by "ml completion zsh"
_ml() {
  local -a verbs
  verbs=(
${firsts.map(({ word, summary }) => `    ${quoted(`${word}:${summary}`)}`).join("\n")}
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
  local verb="$words[2]"
  if ((CURRENT > 3)) && [[ "$verb" == (${families.map(({ word }) => word).join("|")}) ]]; then
    verb="$verb $words[3]"
  fi
  case "$verb" in
    help) _describe command verbs ;;
${families.map(({ word, seconds }) => `    ${word}) compadd -- ${seconds.join(" ")} ;;`).join("\n")}
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
  const patterns = [command.name, ...command.aliases].map((name) => `"${name}"`).join("|");
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

// The help of `ml` and of each command, from the command table.
import { GLOBAL_OPTIONS } from "../args/global-options.ts";
import type { Command, OptionSpecs } from "../command.ts";

/** What `ml --help` shows. */
export function overviewText(commands: readonly Command[]): string {
  return [
    "Queue training jobs on a shared box and follow them.\n",
    "Usage: ml COMMAND [options]\n",
    "Commands",
    pairs(commands.map(({ name, summary }) => [name, summary])),
    "\nOptions of every command",
    optionLines(GLOBAL_OPTIONS),
    "\nExamples",
    pairs([
      ["ml login", "tell ml your API key"],
      ["ml queue my-training-job", "submit the job that ml.toml describes"],
      ["ml logs -f @", "follow the log of your last job"],
    ]),
    '\n"ml help COMMAND" tells more.\n',
  ].join("\n");
}

/** What `ml VERB --help` shows. */
export function commandText(command: Command): string {
  const parts = [command.summary, "\nUsage"];
  parts.push(...command.usage.map((line) => `  ${line}`));
  if (command.aliases.length > 0) {
    parts.push(`\nAlso: ${command.aliases.map((alias) => `ml ${alias}`).join(", ")}`);
  }
  for (const note of command.notes ?? []) parts.push(`\n${note}`);
  if (Object.keys(command.options).length > 0) {
    parts.push("\nOptions", optionLines(command.options));
  }
  parts.push("\nOptions of every command", optionLines(GLOBAL_OPTIONS), "\nExamples");
  parts.push(pairs(command.examples.map(({ line, does }) => [line, does])), "");
  return parts.join("\n");
}

/** What `ml key --help` shows: the commands whose first word that is. */
export function familyText(family: readonly Command[]): string {
  const lines = pairs(family.map(({ name, summary }) => [`ml ${name}`, summary]));
  return `Commands\n${lines}\n\nEach has --help.\n`;
}

function optionLines(options: OptionSpecs): string {
  return pairs(
    Object.entries(options).map(([name, { short, type, value, help }]) => {
      const letter = short === undefined ? "" : `-${short}, `;
      return [`${letter}--${name}${type === "string" ? ` ${value ?? "VALUE"}` : ""}`, help];
    }),
  );
}

function pairs(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

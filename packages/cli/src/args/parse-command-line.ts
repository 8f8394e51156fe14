// Finds the verb in a command line and reads the rest as that command has it.
import { FetchmlError } from "@fetchml/protocol";
import type { Command, Invocation, OptionSpecs } from "../command.ts";
import { GLOBAL_OPTIONS } from "./global-options.ts";
import { isSet } from "./option-values.ts";
import { parseOptions } from "./parse-options.ts";
import { unknownVerb } from "./unknown-verb.ts";

/** What a command line asks for. `command: null` is `ml` itself. */
export type CommandLine =
  | { readonly kind: "version" }
  | { readonly kind: "help"; readonly command: Command | null }
  | { readonly kind: "run"; readonly command: Command; readonly invocation: Invocation };

/**
 * Reads what follows `ml`. Options of every command may stand before the verb.
 *
 * @throws FetchmlError usage when it fits no command
 */
export async function parseCommandLine(
  args: readonly string[],
  commands: readonly Command[],
): Promise<CommandLine> {
  const place = verbPlace(args);
  const verb = args[place];
  if (verb === undefined || verb === "--") return parseBare(args);
  if (verb === "help") return parseHelp(args.slice(place + 1), commands);
  const command = commandNamed(verb, commands);
  if (command === undefined) throw unknownVerb(verb, commands);

  const end = args.indexOf("--", place + 1);
  const own = [...args.slice(0, place), ...args.slice(place + 1, end === -1 ? undefined : end)];
  const behind = end === -1 ? null : args.slice(end + 1);
  const parsed = await parseOptions(own, optionsOf(command), `ml ${verb} --help`);
  if (isSet(parsed.options, "help")) return { kind: "help", command };
  const takesCommand = command.takesCommand === true;
  const words = takesCommand ? parsed.words : [...parsed.words, ...(behind ?? [])];
  checkWords(command, verb, words);
  const invocation = {
    verb,
    options: parsed.options,
    words,
    command: takesCommand ? behind : null,
    commands,
  };
  return { kind: "run", command, invocation };
}

function commandNamed(verb: string, commands: readonly Command[]): Command | undefined {
  return commands.find(({ name, aliases }) => name === verb || aliases.includes(verb));
}

/** The options a command takes, those of every command among them. */
export function optionsOf(command: Command): OptionSpecs {
  return { ...command.options, ...GLOBAL_OPTIONS };
}

const BARE_OPTIONS = {
  ...GLOBAL_OPTIONS,
  version: { type: "boolean", short: "V", help: "show the version and stop" },
} as const satisfies OptionSpecs;

async function parseBare(args: readonly string[]): Promise<CommandLine> {
  const { options } = await parseOptions(args, BARE_OPTIONS, "ml --help");
  return isSet(options, "version") ? { kind: "version" } : { kind: "help", command: null };
}

function parseHelp(args: readonly string[], commands: readonly Command[]): CommandLine {
  const verb = args.find((arg) => !arg.startsWith("-"));
  if (verb === undefined || verb === "help") return { kind: "help", command: null };
  const command = commandNamed(verb, commands);
  if (command === undefined) throw unknownVerb(verb, commands);
  return { kind: "help", command };
}

/** Where the verb stands: the first word that is neither an option nor the value of one. */
function verbPlace(args: readonly string[]): number {
  let place = 0;
  for (;;) {
    const arg = args[place];
    if (arg === undefined || arg === "--" || !arg.startsWith("-")) return place;
    const name = arg.slice(2);
    const specs: OptionSpecs = GLOBAL_OPTIONS;
    const takesValue = Object.hasOwn(specs, name) && specs[name]?.type === "string";
    place += takesValue ? 2 : 1;
  }
}

function checkWords(command: Command, verb: string, words: readonly string[]): void {
  const { name, min, max } = command.words;
  const usage = `Usage: ${command.usage.join(" | ")}`;
  if (words.length < min) {
    throw new FetchmlError("usage", `"ml ${verb}" needs ${name} and got none.\n${usage}`);
  }
  const extra = words[max];
  if (extra === undefined) return;
  const hint = command.takesCommand === true ? ' Put the job\'s command after "--".' : "";
  const taken = max === 0 ? "no words" : `only ${name}`;
  throw new FetchmlError(
    "usage",
    `"ml ${verb}" takes ${taken}, so ${JSON.stringify(extra)} is too much.${hint}\n${usage}`,
  );
}

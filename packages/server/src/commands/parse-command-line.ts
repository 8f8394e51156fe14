// Finds the command that was typed and reads its options.
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { FetchmlError } from "@fetchml/protocol";
import { adminCommands, COMMON_OPTIONS, type AdminCommand } from "./command-table.ts";
import type { Invocation } from "./invocation.ts";

/** What was typed: a command with its options, or a wish for help about one, a family of them or all. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: AdminCommand; readonly invocation: Invocation }
  | { readonly kind: "help"; readonly about: AdminCommand | readonly AdminCommand[] }
  | { readonly kind: "version" };

/**
 * Reads a command line, without the program's own name.
 * @throws FetchmlError usage
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  if (argv.length === 0 || argv[0] === "--help" || argv[0] === "-h")
    return { kind: "help", about: adminCommands };
  if (argv[0] === "--version") return { kind: "version" };
  const words = argv[0] === "help" ? argv.slice(1) : argv;
  const [first, second] = words;
  if (first === undefined) return { kind: "help", about: adminCommands };
  const family = familyOf(first);
  const asksForFamily =
    second === "--help" || second === "-h" || (words !== argv && words.length === 1);
  if (family.length > 0 && asksForFamily) return { kind: "help", about: family };
  const command = findCommand(words);
  if (argv[0] === "help") return { kind: "help", about: command };
  const { values, positionals } = parse(command, words.slice(command.name.split(" ").length));
  if (values["help"] === true) return { kind: "help", about: command };
  const { min, max } = command.positionals;
  if (positionals.length < min || positionals.length > max) {
    const extra = positionals[max];
    const what =
      extra === undefined ? "something is missing" : `${JSON.stringify(extra)} is too much`;
    throw wrongUsage(command, what);
  }
  return { kind: "run", command, invocation: { flags: values, positionals } };
}

/** The error for a command that was typed wrong; its message shows the right form. */
export function wrongUsage(
  command: Pick<AdminCommand, "name" | "usage" | "example">,
  what: string,
): FetchmlError {
  return new FetchmlError(
    "usage",
    `fetchml ${command.name}: ${what}.\nUsage: fetchml ${command.name} ${command.usage}\nExample: ${command.example}`,
  );
}

function findCommand(words: readonly string[]): AdminCommand {
  const two = words.slice(0, 2).join(" ");
  const command = adminCommands.find(({ name }) => name === words[0] || name === two);
  if (command !== undefined) return command;
  const family = familyOf(words[0] ?? "").map(({ name }) => name);
  if (family.length === 0) {
    const firsts = new Set(adminCommands.map(({ name }) => name.split(" ")[0] ?? name));
    throw noSuchCommand(`fetchml has no command ${JSON.stringify(words[0])}`, [...firsts]);
  }
  const isHalf = words[1] === undefined || words[1].startsWith("-");
  const what = isHalf
    ? `"fetchml ${words[0]}" is half a command`
    : `fetchml has no command ${JSON.stringify(two)}`;
  throw noSuchCommand(what, family);
}

/** The commands of two words that begin with this one. */
function familyOf(word: string): readonly AdminCommand[] {
  return adminCommands.filter(({ name }) => name.startsWith(`${word} `));
}

function noSuchCommand(what: string, known: readonly string[]): FetchmlError {
  return new FetchmlError(
    "usage",
    `${what}. There are: ${known.join(", ")}.\nTry "fetchml --help".`,
  );
}

function parse(
  command: AdminCommand,
  args: readonly string[],
): { values: Invocation["flags"]; positionals: readonly string[] } {
  const options = { ...command.options, ...COMMON_OPTIONS };
  try {
    const { values, positionals } = parseArgs({
      args: withJoinedNumbers(args, options),
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values, positionals };
  } catch (error) {
    throw wrongUsage(command, error instanceof Error ? reasonOf(error) : "bad options");
  }
}

/** Joins `--grace -1` to `--grace=-1`: a number below zero is a wrong value, and no option. */
function withJoinedNumbers(args: readonly string[], options: ParseArgsOptionsConfig): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    const takesValue = before.startsWith("--") && options[before.slice(2)]?.type === "string";
    if (takesValue && /^-\d/.test(arg)) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

function reasonOf({ message }: Error): string {
  const option = /^Option '(?:-\w, )?(--[a-z-]+).*' argument is ambiguous/.exec(message)?.[1];
  if (option === undefined) return message.split(/[.\n]/)[0] ?? "";
  return `${option} takes a value, and what follows it looks like an option; write ${option}=VALUE`;
}

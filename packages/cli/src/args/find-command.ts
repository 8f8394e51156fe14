// Finds the command in a command line: a verb, or a family's word and a verb, as in `key list`.
import { FetchmlError } from "@fetchml/protocol";
import type { Command } from "../command.ts";
import { familyOf } from "../command-families.ts";
import { isValueOption } from "./global-options.ts";
import { didYouMean, nearWords } from "./suggest.ts";
import { unknownVerb } from "./unknown-verb.ts";

/** A command, or a family that was named without the second word. */
export type FoundCommand = FoundOne | FoundFamily;

interface FoundOne {
  readonly kind: "command";
  readonly command: Command;
  /** As it was typed, maybe an alias; both words of two. */
  readonly verb: string;
  /** What else was typed, in order. */
  readonly rest: readonly string[];
}

/** A family that was named alone. */
export interface FoundFamily {
  readonly kind: "family";
  readonly word: string;
  readonly members: readonly Command[];
  readonly rest: readonly string[];
}

/**
 * Looks for the verb behind the options of every command; `null` where there is none.
 *
 * @throws FetchmlError usage for a word that is no verb
 */
export function findCommand(
  args: readonly string[],
  commands: readonly Command[],
): FoundCommand | null {
  const place = verbPlace(args, 0);
  const verb = args[place];
  if (verb === undefined || verb === "--") return null;
  const rest = args.toSpliced(place, 1);
  const command = commandNamed(verb, commands);
  if (command !== undefined) return { kind: "command", command, verb, rest };
  const members = familyOf(verb, commands);
  if (members.length === 0) throw unknownVerb(verb, commands);
  return findMember({ kind: "family", word: verb, members, rest }, place);
}

function findMember(family: FoundFamily, from: number): FoundCommand {
  const { word, members, rest } = family;
  const place = verbPlace(rest, from);
  const second = rest[place];
  if (second === undefined || second === "--") return family;
  const verb = `${word} ${second}`;
  const command = commandNamed(verb, members);
  if (command !== undefined)
    return { kind: "command", command, verb, rest: rest.toSpliced(place, 1) };
  const names = members.map(({ name }) => name);
  throw new FetchmlError(
    "usage",
    `"ml" has no command ${JSON.stringify(verb)}.${didYouMean(nearWords(verb, names))}\n` +
      `There are: ${names.map((name) => `ml ${name}`).join(", ")}.`,
  );
}

function commandNamed(verb: string, commands: readonly Command[]): Command | undefined {
  for (const command of commands) {
    if (command.name === verb || command.aliases.includes(verb)) return command;
  }
  return undefined;
}

/** Where the next verb stands: the first word that is neither an option nor the value of one. */
function verbPlace(args: readonly string[], from: number): number {
  let place = from;
  for (;;) {
    const arg = args[place];
    if (arg === undefined || arg === "--" || !arg.startsWith("-")) return place;
    place += isValueOption(arg.slice(2)) ? 2 : 1;
  }
}

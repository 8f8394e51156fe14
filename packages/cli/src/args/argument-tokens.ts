// Takes arguments apart into options and plain words.
import type { OptionSpecs } from "../command.ts";

/** An argument, or a part of one. */
export type ArgumentToken =
  | { readonly kind: "word"; readonly value: string }
  | {
      readonly kind: "option";
      /** The long name; what was typed where no option has it. */
      readonly name: string;
      /** As it was typed: `--name` or `-n`. */
      readonly rawName: string;
      /** `undefined` where none was given. */
      readonly value: string | undefined;
      /** Whether the value stood in the same argument. */
      readonly isInline: boolean;
    };

/**
 * The tokens of arguments, as `parseArgs` of `node:util` tells them, which costs 1 ms to load: `--name VALUE`, `--name=VALUE`,
 * `-n VALUE`, `-nVALUE`, and short options together, `-ab`. Everything after `--` is a word. Nothing is refused here: an
 * option that takes a value is given the next argument, whatever that is.
 */
export function argumentTokens(
  args: readonly string[],
  specs: OptionSpecs,
): readonly ArgumentToken[] {
  const tokens: ArgumentToken[] = [];
  for (let place = 0; place < args.length; place++) {
    const arg = args[place] ?? "";
    if (arg === "--") return [...tokens, ...args.slice(place + 1).map(wordToken)];
    const own = !arg.startsWith("-") || arg === "-" ? [wordToken(arg)] : optionTokens(arg, specs);
    tokens.push(...own);
    const last = own.at(-1);
    if (last?.kind !== "option" || last.value !== undefined) continue;
    const next = args[place + 1];
    if (next === undefined || !takesValue(specs, last.name)) continue;
    tokens[tokens.length - 1] = { ...last, value: next };
    place += 1;
  }
  return tokens;
}

function optionTokens(arg: string, specs: OptionSpecs): readonly ArgumentToken[] {
  if (!arg.startsWith("--")) return shortTokens(arg.slice(1), specs);
  const equals = arg.indexOf("=");
  if (equals < 3) return [optionToken(arg.slice(2), arg, undefined)];
  return [optionToken(arg.slice(2, equals), arg.slice(0, equals), arg.slice(equals + 1))];
}

/** The first letter that takes a value takes all that follows it. */
function shortTokens(letters: string, specs: OptionSpecs): readonly ArgumentToken[] {
  const tokens: ArgumentToken[] = [];
  let rest = letters;
  for (const letter of letters) {
    const name = longName(specs, letter) ?? letter;
    rest = rest.slice(letter.length);
    const value = rest !== "" && takesValue(specs, name) ? rest : undefined;
    tokens.push(optionToken(name, `-${letter}`, value));
    if (value !== undefined) break;
  }
  return tokens;
}

function optionToken(name: string, rawName: string, value: string | undefined): ArgumentToken {
  return { kind: "option", name, rawName, value, isInline: value !== undefined };
}

function wordToken(value: string): ArgumentToken {
  return { kind: "word", value };
}

function takesValue(specs: OptionSpecs, name: string): boolean {
  return Object.hasOwn(specs, name) && specs[name]?.type === "string";
}

function longName(specs: OptionSpecs, letter: string): string | undefined {
  return Object.keys(specs).find((name) => specs[name]?.short === letter);
}

// Reads options and words from arguments, strictly.
import { FetchmlError } from "@fetchml/protocol";
import type { OptionSpecs } from "../command.ts";
import { argumentTokens } from "./argument-tokens.ts";
import type { OptionValues } from "./option-values.ts";
import { didYouMean, nearWords } from "./suggest.ts";

/** Options and plain words, told apart. */
export interface ParsedArguments {
  readonly options: OptionValues;
  readonly words: readonly string[];
}

/**
 * Parses arguments, with errors that name what was meant. Everything after `--` is a word.
 *
 * @param advice the last sentence to whoever types an option that there is not
 * @throws FetchmlError usage for an unknown option, a missing value, and a value where none is taken
 */
export function parseOptions(
  args: readonly string[],
  specs: OptionSpecs,
  advice: string,
): ParsedArguments {
  const options = new Map<string, true | string[]>();
  const words: string[] = [];
  for (const token of argumentTokens(args, specs)) {
    if (token.kind === "word") {
      words.push(token.value);
      continue;
    }
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(token.rawName, specs, advice);
    if (spec.type === "boolean") {
      if (token.value !== undefined) {
        throw usage(`${token.rawName} takes no value, so "=" cannot follow it.`);
      }
      options.set(token.name, true);
      continue;
    }
    const { value } = token;
    if (value === undefined || (!token.isInline && value.startsWith("-") && value !== "-")) {
      throw usage(`${token.rawName} needs a value: ${token.rawName} ${spec.value ?? "VALUE"}.`);
    }
    const before = options.get(token.name);
    options.set(token.name, [...(before === undefined || before === true ? [] : before), value]);
  }
  return { options, words };
}

function unknownOption(rawName: string, specs: OptionSpecs, advice: string): FetchmlError {
  const near = rawName.startsWith("--") ? nearWords(rawName.slice(2), Object.keys(specs)) : [];
  return usage(
    `There is no option ${JSON.stringify(rawName)} here.${didYouMean(near.map((name) => `--${name}`))}\n${advice}`,
  );
}

function usage(message: string): FetchmlError {
  return new FetchmlError("usage", message);
}

// The options that were typed, and how a command reads them.
import { FetchmlError } from "@fetchml/protocol";

/** Options by long name; one that was not given is missing. */
export type OptionValues = ReadonlyMap<string, true | readonly string[]>;

/** Whether an option was given. */
export function isSet(options: OptionValues, name: string): boolean {
  return options.has(name);
}

/** The value of an option, the last one where it was given more than once; `null` where it was not given. */
export function textOf(options: OptionValues, name: string): string | null {
  const values = options.get(name);
  return values === undefined || values === true ? null : (values.at(-1) ?? null);
}

/** All values of an option, in the order typed. */
export function textsOf(options: OptionValues, name: string): readonly string[] {
  const values = options.get(name);
  return values === undefined || values === true ? [] : values;
}

/**
 * An option's value as a whole number; `null` where it was not given.
 *
 * @throws FetchmlError usage for anything else and outside `min` to `max`
 */
export function countOf(
  options: OptionValues,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | null {
  const text = textOf(options, name);
  if (text === null) return null;
  const count = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (count >= range.min && count <= range.max) return count;
  throw wrongValue(name, text, `a whole number from ${range.min} to ${range.max}`);
}

/**
 * An option's value read by `parse`; `null` where it was not given.
 *
 * @throws FetchmlError usage where `parse` answers `null`; `wanted` says what would have been right
 */
export function parsedOf<T>(
  options: OptionValues,
  name: string,
  reading: { readonly parse: (text: string) => T | null; readonly wanted: string },
): T | null {
  const text = textOf(options, name);
  if (text === null) return null;
  const value = reading.parse(text);
  if (value === null) throw wrongValue(name, text, reading.wanted);
  return value;
}

function wrongValue(name: string, text: string, wanted: string): FetchmlError {
  return new FetchmlError(
    "usage",
    `--${name} cannot be ${JSON.stringify(text)}: it takes ${wanted}.`,
  );
}

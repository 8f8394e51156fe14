// What the completion scripts have to know of a program: `ml`, or another with such a command table.
import { GLOBAL_OPTIONS } from "../args/global-options.ts";
import type { Command, OptionSpecs, WordSpec } from "../command.ts";

/** One command, of one word or two. */
export interface CompletedCommand extends Pick<Command, "name" | "aliases" | "summary"> {
  readonly options: OptionSpecs;
  readonly words: {
    /** What its plain words are: fixed ones, job names of `ml.toml`, or files. */
    readonly complete?: WordSpec["complete"] | "files";
  };
}

/** A program. */
export interface CompletedProgram {
  readonly name: string;
  readonly commands: readonly CompletedCommand[];
  /** Those that every command takes. */
  readonly options: OptionSpecs;
  /** By what the scripts are made, as they say themselves. */
  readonly madeBy: string;
}

/** `ml` with these commands. */
export function mlProgram(commands: readonly Command[]): CompletedProgram {
  return { name: "ml", commands, options: GLOBAL_OPTIONS, madeBy: "ml completion" };
}

/** The options of every command that take a value, as they are typed. Before the verb, what follows one of them is no verb. */
export function valuedOptions({ options }: Pick<CompletedProgram, "options">): readonly string[] {
  const valued = Object.entries(options).filter(([, { type }]) => type === "string");
  return valued.map(([name]) => `--${name}`);
}

/** The options that a command takes, those of every command among them, by whether a value follows and which. */
export function optionsIn(
  { options }: CompletedCommand,
  program: Pick<CompletedProgram, "options">,
): {
  readonly all: OptionSpecs;
  /** Options with these values and no others, as one would offer them. */
  readonly withChoices: readonly (readonly [option: string, choices: readonly string[]])[];
  /** Options with any other value. */
  readonly withValue: readonly string[];
} {
  const all: OptionSpecs = { ...options, ...program.options };
  const valued = Object.entries(all).filter(([, { type }]) => type === "string");
  return {
    all,
    withChoices: valued.flatMap(([name, { choices }]) =>
      choices === undefined ? [] : [[`--${name}`, choices] as const],
    ),
    withValue: valued.flatMap(([name, { choices }]) =>
      choices === undefined ? [`--${name}`] : [],
    ),
  };
}

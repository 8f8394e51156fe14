// What a command of `ml` is: its row in the table, and the function behind it.
import type { Environment } from "./environment.ts";
import type { OptionValues } from "./args/option-values.ts";

/** One option of a command, as help, parser and completion need it. */
export interface OptionSpec {
  /** `string`: takes a value. */
  readonly type: "boolean" | "string";
  /** One letter for `-x`. */
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: true;
  /** What help calls the value, such as `N`. */
  readonly value?: string;
  readonly help: string;
  /** The values that completion offers. */
  readonly choices?: readonly string[];
}

/** Options by their long name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What the plain words after the verb are. */
export interface WordSpec {
  /** As usage and errors call it: `JOB`. */
  readonly name: string;
  readonly min: number;
  /** `Infinity` for any number. */
  readonly max: number;
  /** What completion offers: fixed words, or the job names of `ml.toml`. */
  readonly complete?: readonly string[] | "job-names";
}

/** One line to type, and what it does. */
export interface Example {
  readonly line: string;
  readonly does: string;
}

/** What was typed, parsed. */
export interface Invocation {
  /** The verb as it was typed, maybe an alias. */
  readonly verb: string;
  /** Options of the command and of every command. */
  readonly options: OptionValues;
  readonly words: readonly string[];
  /** What followed `--`; `null` where nothing did, and always for commands that take nothing there. */
  readonly command: readonly string[] | null;
  /** The whole table, for commands that describe it. */
  readonly commands: readonly Command[];
}

/** Does the work and answers the exit code. @throws FetchmlError for all that a person can cause or fix */
export type RunCommand = (invocation: Invocation, environment: Environment) => Promise<number>;

/** One row of the command table. */
export interface Command {
  readonly name: string;
  readonly aliases: readonly string[];
  /** An imperative sentence. */
  readonly summary: string;
  readonly usage: readonly string[];
  /** Further paragraphs of help. */
  readonly notes?: readonly string[];
  readonly options: OptionSpecs;
  readonly words: WordSpec;
  /** Whether it takes a COMMAND after `--`. */
  readonly takesCommand?: true;
  /** Whether what follows `--` are paths; they too are the invocation's `command`. */
  readonly takesPaths?: true;
  /** Whether what follows `--` are options of `ssh`; they too are the invocation's `command`. */
  readonly takesSshOptions?: true;
  readonly examples: readonly Example[];
  /** Evaluates the command's code, so that no other command pays for it. */
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

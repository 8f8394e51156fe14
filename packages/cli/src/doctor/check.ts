// What a check of `ml doctor` found, and the words all checks are told in.

/** Every check, in the order in which they are made and shown. */
export const CHECK_NAMES = [
  "config",
  "git",
  "key",
  "tunnel",
  "tls",
  "server",
  "login",
  "expiry",
  "version",
  "clock",
  "round-trip",
] as const;

/** The name of a check. It is part of what `--json` prints and never changes. */
export type CheckName = (typeof CHECK_NAMES)[number];

/** What was measured or found, for programs: fields in snake_case, never a key. */
export type CheckFacts = Readonly<Record<string, string | number | boolean | null>>;

/** One check that was made. */
export type Check =
  | {
      readonly name: CheckName;
      readonly status: "ok";
      readonly message: string;
      readonly facts: CheckFacts;
    }
  | {
      readonly name: CheckName;
      /** `warning`: everything works, and will not for ever or not for everybody. `failed`: something does not work. */
      readonly status: "warning" | "failed";
      readonly message: string;
      /** The one command that mends it. */
      readonly fix: string;
      readonly facts: CheckFacts;
    };

/** All is well. */
export function ok(name: CheckName, message: string, facts: CheckFacts = {}): Check {
  return { name, status: "ok", message, facts };
}

/** It works, but should be mended. */
export function warning(
  name: CheckName,
  { message, fix, facts = {} }: Trouble,
): Check & { readonly status: "warning" | "failed" } {
  return { name, status: "warning", message, fix, facts };
}

/** It does not work. */
export function failed(
  name: CheckName,
  { message, fix, facts = {} }: Trouble,
): Check & { readonly status: "warning" | "failed" } {
  return { name, status: "failed", message, fix, facts };
}

/** What is wrong, and the one command that mends it. */
export interface Trouble {
  readonly message: string;
  readonly fix: string;
  readonly facts?: CheckFacts;
}

/** The first line of an error's message: what is wrong, without the advice that `fix` takes the place of. */
export function firstLine(error: { readonly message: string }): string {
  return error.message.split("\n")[0] ?? "";
}

// What a check of the box found, in the shape of `ml doctor`, and what every check is handed.
import type { Settings } from "../../config/settings.ts";

/** What was measured or found, for programs: fields in snake_case, never a key. */
export type BoxFacts = Readonly<Record<string, string | number | boolean | null>>;

/** One check that was made. Its name is part of what `--json` prints and never changes. */
export type BoxCheck =
  | {
      readonly name: string;
      readonly status: "ok";
      readonly message: string;
      readonly facts: BoxFacts;
    }
  | {
      readonly name: string;
      /** `warning`: FetchML works, and will not for ever or not for every job. `failed`: something does not work. */
      readonly status: "warning" | "failed";
      readonly message: string;
      /** The one command that mends it. */
      readonly fix: string;
      readonly facts: BoxFacts;
    };

/** Makes one check. It changes nothing, and never throws for what a box may be like. */
export type MakeBoxCheck = (settings: Settings) => BoxCheck | Promise<BoxCheck>;

/** What is wrong, and the one command that mends it. */
export interface BoxTrouble {
  readonly message: string;
  readonly fix: string;
  readonly facts?: BoxFacts;
}

/** All is well. */
export function ok(name: string, message: string, facts: BoxFacts = {}): BoxCheck {
  return { name, status: "ok", message, facts };
}

/** It works, but should be mended. */
export function warning(name: string, { message, fix, facts = {} }: BoxTrouble): BoxCheck {
  return { name, status: "warning", message, fix, facts };
}

/** It does not work. */
export function failed(name: string, { message, fix, facts = {} }: BoxTrouble): BoxCheck {
  return { name, status: "failed", message, fix, facts };
}

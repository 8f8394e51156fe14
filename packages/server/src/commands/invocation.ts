// A command line of `fetchml`, read.
import type { SettingFlags } from "../config/read-settings.ts";

/** A command line that was understood. */
export interface Invocation {
  readonly flags: Readonly<Record<string, string | boolean | undefined>> & SettingFlags;
  readonly positionals: readonly string[];
}

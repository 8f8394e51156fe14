// Where the user's config file is.
import { join, resolve } from "node:path";
import type { ConfigSurroundings } from "./surroundings.ts";

/** The config file, and the folder that is ours to keep private: `null` when the user chose the place. */
export interface ConfigPath {
  readonly file: string;
  readonly ownFolder: string | null;
}

/** The flag, else `$ML_CONFIG`, else `~/.ml/config.toml`. Absolute. */
export function configPath({ env, home, flags }: ConfigSurroundings): ConfigPath {
  const chosen = flags?.config || env["ML_CONFIG"];
  if (chosen) return { file: resolve(chosen), ownFolder: null };
  const ownFolder = join(home, ".ml");
  return { file: join(ownFolder, "config.toml"), ownFolder };
}

// Where the user's config file is.
import { join, resolve } from "node:path";
import { shortPath } from "./short-path.ts";
import type { ConfigSurroundings } from "./surroundings.ts";

/** The config file, and the folder that is ours to keep private: `null` when the user chose the place. */
export interface ConfigPath {
  readonly file: string;
  /** The file as messages name it: with `~` for the home folder. */
  readonly shown: string;
  readonly ownFolder: string | null;
  readonly home: string;
}

/** The flag, else `$ML_CONFIG`, else `~/.ml/config.toml`. Absolute. */
export function configPath({ env, home, flags }: ConfigSurroundings): ConfigPath {
  const chosen = flags?.config || env["ML_CONFIG"];
  if (chosen) return placeOf(resolve(chosen), { ownFolder: null, home });
  const ownFolder = join(home, ".ml");
  return placeOf(join(ownFolder, "config.toml"), { ownFolder, home });
}

function placeOf(file: string, rest: Pick<ConfigPath, "ownFolder" | "home">): ConfigPath {
  return { file, shown: shortPath(file, rest.home), ...rest };
}

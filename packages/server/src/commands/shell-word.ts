// Paths as a person pastes them into a shell.
import type { SettingFlags } from "../config/read-settings.ts";

/** The path as one word of a command line: quoted where a shell would see more in it. */
export function shellWord(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** The places that were typed, to stand behind another command that is about the same server; with a space before each. */
export function typedPlaces(flags: SettingFlags): string {
  const { config, "data-dir": dataDir } = flags;
  return [
    ...(config === undefined ? [] : [` --config ${shellWord(config)}`]),
    ...(dataDir === undefined ? [] : [` --data-dir ${shellWord(dataDir)}`]),
  ].join("");
}

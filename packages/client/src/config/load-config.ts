// The config file as it is on disk: opened, made private, decoded, parsed.
import { FetchmlError } from "@fetchml/protocol";
import type { ConfigPath } from "./config-path.ts";
import { decodeText } from "./decode-text.ts";
import { parseConfig, type ConfigFile } from "./parse-config.ts";
import { makeFolderPrivate, readPrivateFile } from "./private-file.ts";

/** A config file that was read. */
export interface LoadedConfig extends ConfigFile {
  /** The text it was read from; `null` when there is no file. */
  readonly text: string | null;
  /** Whether a byte order mark stands before the text. */
  readonly hasMark: boolean;
  /** What was changed about file and folder, a sentence each. */
  readonly notes: readonly string[];
}

/** Reads the config. A missing file says nothing and is no error. @throws FetchmlError `bad-file` */
export function loadConfig(path: ConfigPath): LoadedConfig {
  const folderNotes = path.ownFolder === null ? [] : makeFolderPrivate(path.ownFolder, path.home);
  const file = readPrivateFile(path.file, path.home);
  if (file === undefined) {
    return { ...parseConfig("", path.shown), text: null, hasMark: false, notes: folderNotes };
  }
  const decoded = decodeText(file.bytes);
  if (!decoded.ok) {
    throw new FetchmlError(
      "bad-file",
      `Cannot read the config ${path.shown}: it ${decoded.problem}.`,
    );
  }
  return {
    ...parseConfig(decoded.text, path.shown),
    text: decoded.text,
    hasMark: decoded.hasMark,
    notes: [...folderNotes, ...file.notes],
  };
}

// Puts key and address into the user's config file, or takes the key out, and leaves the rest as it was.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { changedText, textWithoutKeys, type KeyChanges } from "./changed-text.ts";
import { KEY_BEFORE } from "./config-keys.ts";
import { configPath, type ConfigPath } from "./config-path.ts";
import { loadConfig, type LoadedConfig } from "./load-config.ts";
import { replaceFile } from "./replace-file.ts";
import { whileNotRotating } from "./rotation-lock.ts";
import type { ConfigSurroundings } from "./surroundings.ts";

/** What to remember. */
export interface ConfigEntries {
  /** In the strict form. */
  readonly apiKey: string;
  /** As `parseApiUrl` gives it. Left out: the file goes on naming the server it names. */
  readonly apiUrl?: string;
}

/** What was written where. */
export interface WrittenConfig {
  readonly configPath: string;
  /** What else was changed on disk to keep the key private, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Writes key and address into the config file; makes file and folder, 0600 and 0700, where there are none.
 *
 * @throws FetchmlError `conflict` when the file has an `api_key_command`, which would win over the key, or its key is being
 *   rotated; `bad-file` when the file cannot be read, edited or written: it is then as it was
 */
export async function writeConfig(
  surroundings: ConfigSurroundings,
  entries: ConfigEntries,
): Promise<WrittenConfig> {
  const path = configPath(surroundings);
  makeFolder(path);
  return whileNotRotating(surroundings, () => {
    const loaded = loadConfig(path);
    return saveKeys(path, loaded, changesFor(loaded, entries));
  });
}

/**
 * Finds out, before anybody is asked for a key, whether it could be put into the file.
 *
 * @param apiUrl that would be written with it
 * @returns what else was changed on disk to keep the key private, a sentence each
 * @throws FetchmlError `conflict` and `bad-file` as {@link writeConfig} would
 */
export function checkConfigTakesKey(
  surroundings: ConfigSurroundings,
  apiUrl: string,
): readonly string[] {
  const path = configPath(surroundings);
  const loaded = loadConfig(path);
  changedText(path, loaded, changesFor(loaded, { apiKey: "any", apiUrl }));
  return loaded.notes;
}

/** Makes these changes. @throws FetchmlError as {@link writeConfig} */
export function saveKeys(
  path: ConfigPath,
  loaded: LoadedConfig,
  changes: KeyChanges,
): WrittenConfig {
  save(path, loaded, changedText(path, loaded, changes));
  return { configPath: path.file, notes: [...loaded.notes, ...windowsNotes(path)] };
}

/** What {@link removeKey} found. */
export interface RemovedKey {
  readonly configPath: string;
  /** Whether there was a key in the file. */
  readonly removed: boolean;
  /** Whether the file still names a command that prints a key. */
  readonly hasCommand: boolean;
}

/**
 * Takes `api_key` out of the config file.
 *
 * @throws FetchmlError `conflict` when it is being rotated; `bad-file` when the file cannot be read, edited or written
 */
export async function removeKey(surroundings: ConfigSurroundings): Promise<RemovedKey> {
  const path = configPath(surroundings);
  // Where there is no file there may be no folder for a lock either.
  if (loadConfig(path).text === null) {
    return { configPath: path.file, removed: false, hasCommand: false };
  }
  return whileNotRotating(surroundings, () => removeFrom(path));
}

function changesFor(loaded: LoadedConfig, entries: ConfigEntries): KeyChanges {
  const apiUrl = entries.apiUrl ?? loaded.url.apiUrl;
  return {
    api_key: entries.apiKey,
    // Whoever logs in has done with a rotation that was cut off.
    [KEY_BEFORE]: null,
    ...(apiUrl === loaded.url.apiUrl ? {} : { api_url: apiUrl }),
  };
}

function removeFrom(path: ConfigPath): RemovedKey {
  const loaded = loadConfig(path);
  const hasKey = loaded.apiKey !== null || loaded.apiKeyBefore !== null;
  if (loaded.text !== null && hasKey) {
    save(path, loaded, textWithoutKeys(path, loaded));
  }
  return {
    configPath: path.file,
    removed: hasKey,
    hasCommand: loaded.apiKeyCommand !== null,
  };
}

function makeFolder(path: ConfigPath): void {
  writing(path, () => mkdirSync(dirname(path.file), { recursive: true, mode: 0o700 }));
}

function save(path: ConfigPath, { hasMark }: LoadedConfig, text: string): void {
  writing(path, () => replaceFile(path.file, hasMark ? `\ufeff${text}` : text));
}

function writing(path: ConfigPath, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new FetchmlError("bad-file", `Cannot write the config ${path.shown}: ${why}.`, {
      cause: error,
    });
  }
}

function windowsNotes(path: ConfigPath): readonly string[] {
  if (process.getuid !== undefined) return [];
  return [`Who else may read ${path.shown} was not checked on this system.`];
}

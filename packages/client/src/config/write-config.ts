// Puts key and address into the user's config file, or takes the key out, and leaves the rest as it was.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { KEY_BEFORE } from "./config-keys.ts";
import { configPath, type ConfigPath } from "./config-path.ts";
import { editConfigText, type ConfigChanges } from "./edit-config-text.ts";
import { loadConfig, type LoadedConfig } from "./load-config.ts";
import { parseConfig } from "./parse-config.ts";
import { replaceFile } from "./replace-file.ts";
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
 * @throws FetchmlError `conflict` when the file has an `api_key_command`, which would win over the key; `bad-file` when the
 *   file cannot be read, edited or written: it is then as it was
 */
export function writeConfig(
  surroundings: ConfigSurroundings,
  entries: ConfigEntries,
): WrittenConfig {
  const path = configPath(surroundings);
  const loaded = loadConfig(path);
  const apiUrl = entries.apiUrl ?? loaded.url.apiUrl;
  return saveKeys(path, loaded, {
    api_key: entries.apiKey,
    // Whoever logs in has done with a rotation that was under way.
    [KEY_BEFORE]: null,
    ...(apiUrl === loaded.url.apiUrl ? {} : { api_url: apiUrl }),
  });
}

/** Makes these changes, and checks that the text then says what was meant. @throws FetchmlError as {@link writeConfig} */
export function saveKeys(
  path: ConfigPath,
  loaded: LoadedConfig,
  changes: ConfigChanges & { readonly api_key: string },
): WrittenConfig {
  if (loaded.apiKeyCommand !== null) {
    throw new FetchmlError(
      "conflict",
      `Cannot write the key to ${path.file}: its api_key_command would win over it.\n` +
        "Take that line out, or change the key where the command gets it from.",
    );
  }
  const text = edited(loaded.text ?? NEW_FILE, changes, path);
  const written = parseConfig(text, path.file);
  const isAsMeant =
    written.apiKey === changes.api_key &&
    written.apiKeyBefore === (changes[KEY_BEFORE] ?? null) &&
    written.url.apiUrl === (changes.api_url ?? loaded.url.apiUrl);
  if (!isAsMeant) throw notEditable(path);
  save(path, text);
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

/** Takes `api_key` out of the config file. @throws FetchmlError `bad-file` when the file cannot be read, edited or written */
export function removeKey(surroundings: ConfigSurroundings): RemovedKey {
  const path = configPath(surroundings);
  const loaded = loadConfig(path);
  const hasKey = loaded.apiKey !== null || loaded.apiKeyBefore !== null;
  if (loaded.text !== null && hasKey) {
    const text = edited(loaded.text, { api_key: null, [KEY_BEFORE]: null }, path);
    const left = parseConfig(text, path.file);
    if (left.apiKey !== null || left.apiKeyBefore !== null) throw notEditable(path);
    save(path, text);
  }
  return {
    configPath: path.file,
    removed: hasKey,
    hasCommand: loaded.apiKeyCommand !== null,
  };
}

const NEW_FILE = "# Your FetchML key and server. Keep this file to yourself.\n";

function edited(text: string, changes: ConfigChanges, path: ConfigPath): string {
  const result = editConfigText(text, changes);
  if (result === undefined) throw notEditable(path);
  return result;
}

function save(path: ConfigPath, text: string): void {
  try {
    mkdirSync(dirname(path.file), { recursive: true, mode: 0o700 });
    replaceFile(path.file, text);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new FetchmlError("bad-file", `Cannot write the config ${path.file}: ${why}.`, {
      cause: error,
    });
  }
}

function notEditable(path: ConfigPath): FetchmlError {
  return new FetchmlError(
    "bad-file",
    `Cannot change ${path.file}: api_key and api_url must each stand on one line, as name = "value".\n` +
      "Nothing was changed. Edit the file by hand.",
  );
}

function windowsNotes(path: ConfigPath): readonly string[] {
  if (process.getuid !== undefined) return [];
  return [`Who else may read ${path.file} was not checked on this system.`];
}

// The text of a config after a change of its keys, read again to see that it says what was meant.
import { FetchmlError } from "@fetchml/protocol";
import { KEY_BEFORE } from "./config-keys.ts";
import type { ConfigPath } from "./config-path.ts";
import { editConfigText, type ConfigChanges } from "./edit-config-text.ts";
import type { LoadedConfig } from "./load-config.ts";
import { parseConfig, type ConfigFile } from "./parse-config.ts";

/** New values of the config, a key among them. */
export type KeyChanges = ConfigChanges & { readonly api_key: string };

/**
 * The text of the config, or of a new one, with these changes.
 *
 * @throws FetchmlError `conflict` when the config has an `api_key_command`, which would win over the key; `bad-file` when the
 *   text cannot be edited
 */
export function changedText(path: ConfigPath, loaded: LoadedConfig, changes: KeyChanges): string {
  if (loaded.apiKeyCommand !== null) {
    throw new FetchmlError(
      "conflict",
      `Cannot write the key to ${path.shown}: its api_key_command would win over it.\n` +
        "Take that line out, or change the key where the command gets it from.",
    );
  }
  return edited(path, loaded.text ?? NEW_FILE, {
    changes,
    isAsMeant: (written) =>
      written.apiKey === changes.api_key &&
      written.apiKeyBefore === (changes[KEY_BEFORE] ?? null) &&
      written.url.apiUrl === (changes.api_url ?? loaded.url.apiUrl),
  });
}

/** The text of the config with no key in it. @throws FetchmlError `bad-file` when it cannot be edited */
export function textWithoutKeys(path: ConfigPath, loaded: LoadedConfig): string {
  return edited(path, loaded.text ?? "", {
    changes: { api_key: null, [KEY_BEFORE]: null },
    isAsMeant: ({ apiKey, apiKeyBefore }) => apiKey === null && apiKeyBefore === null,
  });
}

const NEW_FILE = "# Your FetchML key and server. Keep this file to yourself.\n";

interface Edit {
  readonly changes: ConfigChanges;
  readonly isAsMeant: (written: ConfigFile) => boolean;
}

function edited(path: ConfigPath, text: string, { changes, isAsMeant }: Edit): string {
  const result = editConfigText(text, changes);
  const written = result === undefined ? null : readAgain(path, result);
  if (result !== undefined && written !== null && isAsMeant(written)) return result;
  throw new FetchmlError(
    "bad-file",
    `Cannot change ${path.shown}: api_key and api_url must each stand on one line, as name = "value".\n` +
      "Nothing was changed. Edit the file by hand.",
  );
}

/** `null` for a text that is not a config: the file was one, so it is the edit that is to blame. */
function readAgain(path: ConfigPath, text: string): ConfigFile | null {
  try {
    return parseConfig(text, path.shown);
  } catch (error) {
    if (error instanceof FetchmlError) return null;
    throw error;
  }
}

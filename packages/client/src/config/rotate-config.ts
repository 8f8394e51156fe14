// Changes the key in the config in two steps, so that a working key is in it whatever dies between them.
import { FetchmlError } from "@fetchml/protocol";
import { KEY_BEFORE } from "./config-keys.ts";
import { configPath } from "./config-path.ts";
import { loadConfig } from "./load-config.ts";
import type { ConfigSurroundings } from "./surroundings.ts";
import { saveKeys, type WrittenConfig } from "./write-config.ts";

/**
 * Puts a new key into the config and keeps the old one beside it, as `api_key_before`, until {@link endRotation}.
 *
 * @param keys both in the strict form
 * @throws FetchmlError `conflict` when the file no longer holds the old key, or an earlier rotation has not ended;
 *   `bad-file` when it cannot be read, edited or written: it is then as it was
 */
export async function beginRotation(
  surroundings: ConfigSurroundings,
  keys: { readonly from: string; readonly to: string },
): Promise<WrittenConfig> {
  const { normaliseApiKey } = await import("@fetchml/protocol/pasted-key");
  const path = configPath(surroundings);
  // From here to the rename nothing waits, so no other command of this process comes between.
  const loaded = loadConfig(path);
  const held = normaliseApiKey(loaded.apiKey ?? "");
  if (!held.ok || held.key !== keys.from || loaded.apiKeyBefore !== null) {
    throw new FetchmlError(
      "conflict",
      `Did not write the new key: another command has changed ${path.shown} meanwhile.\n` +
        'Its key is as that command left it. "ml status" tells whether it works.',
    );
  }
  return saveKeys(path, loaded, { api_key: keys.to, [KEY_BEFORE]: keys.from });
}

/**
 * Ends a rotation that these keys began: the file then holds the kept one alone. Does nothing where another command has ended
 * it, or has written another key.
 *
 * @throws FetchmlError `bad-file` when the file cannot be read, edited or written: it is then as it was
 */
export function endRotation(
  surroundings: ConfigSurroundings,
  keys: { readonly apiKey: string; readonly keyBefore: string; readonly keep: string },
): void {
  const path = configPath(surroundings);
  const loaded = loadConfig(path);
  if (loaded.apiKey !== keys.apiKey || loaded.apiKeyBefore !== keys.keyBefore) return;
  saveKeys(path, loaded, { api_key: keys.keep, [KEY_BEFORE]: null });
}

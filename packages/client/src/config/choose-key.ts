// Which key goes to which server, and when none may go.
import { FetchmlError, parseApiKey } from "@fetchml/protocol";
import type { ApiUrl } from "../api-url.ts";
import { runApiKeyCommand } from "./api-key-command.ts";
import { lineOfKey } from "./config-keys.ts";
import type { LoadedConfig } from "./load-config.ts";

/** Where a key came from. */
export type KeySource = "ML_API_KEY" | "api_key_command" | "config";

/** A key in the strict form. */
export interface ChosenKey {
  readonly apiKey: string;
  readonly keySource: KeySource;
  /** The key that `apiKey` is to take the place of, when a rotation of the config's key has not come to its end. */
  readonly keyBefore: string | null;
}

/** What the choice depends on. */
export interface KeyChoice {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `null` when it was not needed, with both address and key in the environment. */
  readonly file: LoadedConfig | null;
  /** The file as messages name it. */
  readonly path: string;
  /** The server that is going to be asked. */
  readonly url: ApiUrl;
}

/**
 * Chooses `ML_API_KEY`, else what `api_key_command` prints, else `api_key`. The last two belong to the server that their own
 * file names, and are sent to no other.
 *
 * @throws FetchmlError `key-missing`, `key-malformed`
 */
export async function chooseKey(choice: KeyChoice): Promise<ChosenKey> {
  const { env, file, path, url } = choice;
  const fromEnvironment = env["ML_API_KEY"]?.trim();
  if (fromEnvironment) return chosen(fromEnvironment, "ML_API_KEY", "ML_API_KEY");
  if (file === null || (file.apiKey === null && file.apiKeyCommand === null)) {
    throw noKey(
      file?.text === undefined || file.text === null
        ? `there is no ${path}`
        : `${path} has no api_key`,
    );
  }
  if (file.url.origin !== url.origin) throw anotherServer(choice, file.url);
  if (file.apiKeyCommand !== null) {
    const printed = await runApiKeyCommand({ words: file.apiKeyCommand, env, path });
    return chosen(printed, "api_key_command", `what api_key_command in ${path} printed`);
  }
  const line = lineOfKey(file.text ?? "", "api_key");
  const place = line === undefined ? path : `${path}, line ${line}`;
  const before = file.apiKeyBefore;
  return {
    ...(await chosen(file.apiKey ?? "", "config", `api_key in ${place}`)),
    keyBefore: before !== null && parseApiKey(before).ok ? before : null,
  };
}

/** Refuses to send any key where it could be read on the way, unless the variable that says so is set. */
export function refusePlaintext(url: ApiUrl, env: KeyChoice["env"]): void {
  if (!url.isReadableOnTheWay || env["ML_ALLOW_PLAINTEXT_KEY"] === "1") return;
  throw new FetchmlError(
    "usage",
    `Will not send your API key to ${url.apiUrl}: without TLS everybody on the way can read it.\n` +
      `Use wss://, or an SSH tunnel: "ml tunnel you@${new URL(url.apiUrl).hostname}" and api_url = "ws://localhost:9100/ws".\n` +
      "If that network is private for sure, set ML_ALLOW_PLAINTEXT_KEY=1.",
  );
}

async function chosen(text: string, keySource: KeySource, place: string): Promise<ChosenKey> {
  if (parseApiKey(text).ok) return { apiKey: text, keySource, keyBefore: null };
  // Loaded only for a key that needs mending: that saves every other command 2 ms.
  const { normaliseApiKey } = await import("@fetchml/protocol/pasted-key");
  const key = normaliseApiKey(text);
  if (key.ok) return { apiKey: key.key, keySource, keyBefore: null };
  const command = REPAIRS[keySource];
  throw new FetchmlError("key-malformed", `The API key is wrong: ${place}.\n${key.message}`, {
    details: command === undefined ? {} : { command },
  });
}

/** What puts a right key in the place of a wrong one, where one command does. */
const REPAIRS: Partial<Record<KeySource, string>> = {
  ML_API_KEY: "unset ML_API_KEY",
  config: "ml login",
};

function noKey(why: string): FetchmlError {
  return new FetchmlError(
    "key-missing",
    `There is no API key: ${why}.\nAsk your admin for one, then type "ml login".`,
    { details: { command: "ml login" } },
  );
}

function anotherServer({ path, url }: KeyChoice, own: ApiUrl): FetchmlError {
  return new FetchmlError(
    "key-missing",
    `Will not send the key in ${path} to ${url.origin}: it belongs to ${own.origin}.\n` +
      `Set ML_API_KEY to a key for ${url.origin}, or make that server yours with "ml login ${url.apiUrl}".`,
    { details: { command: `ml login ${url.apiUrl}` } },
  );
}

// The user's settings for one command: which server, and with which key.
import { FetchmlError } from "@fetchml/protocol";
import { parseApiUrl, type ApiUrl } from "../api-url.ts";
import { readCa } from "./ca-file.ts";
import { chooseKey, refusePlaintext, type ChosenKey } from "./choose-key.ts";
import { configPath, type ConfigPath } from "./config-path.ts";
import { withHiddenKeys } from "./hidden-keys.ts";
import { loadConfig, type LoadedConfig } from "./load-config.ts";
import type { ConfigSurroundings } from "./surroundings.ts";

/** Which server to ask, and what there is to say about the file that names it. */
export interface ServerConfig {
  /** `ws://HOST:PORT/ws` or `wss://…/ws`. */
  readonly apiUrl: string;
  /** The same server over HTTP, without a slash at the end. */
  readonly httpUrl: string;
  /** `worker_host` of the config, `HOST` or `USER@HOST`, where the config names this very server; else `null`. */
  readonly workerHost: string | null;
  /** What to trust in place of the system's certificate authorities, as PEM; `null`: those. */
  readonly ca: string | null;
  /** The config file, whether it exists or not. Absolute. */
  readonly configPath: string;
  /** What the user should mend, a sentence each. */
  readonly warnings: readonly string[];
  /** What was changed on disk to keep the key private, a sentence each. */
  readonly notes: readonly string[];
}

/** Server and key. It prints without any key. */
export interface Config extends ServerConfig, ChosenKey {}

/**
 * Reads which server to ask: `--api-url`, else `ML_API_URL`, else the config file, else a server on this machine.
 *
 * @throws FetchmlError `bad-file`; `usage` for an address in a flag or variable
 */
export function readServerConfig(surroundings: ConfigSurroundings): ServerConfig {
  return serverOf(found(surroundings), surroundings.env);
}

/**
 * Reads server and key, {@link readServerConfig} and then the key: `ML_API_KEY`, else `api_key_command`, else `api_key`. A
 * key of the file goes only to the server of the file, and none over plain `ws://` to another machine.
 *
 * @throws FetchmlError also `key-missing`, `key-malformed`
 */
export async function readConfig(surroundings: ConfigSurroundings): Promise<Config> {
  const { env } = surroundings;
  const settings = found(surroundings);
  refusePlaintext(settings.url, env);
  const chosen = await chooseKey({ env, ...settings, path: settings.path.shown });
  return withHiddenKeys({ ...serverOf(settings, env), ...chosen }, ["apiKey", "keyBefore"]);
}

interface Found {
  readonly path: ConfigPath;
  /** `null` when it was not looked at, since flags and variables say all. */
  readonly file: LoadedConfig | null;
  readonly url: ApiUrl;
}

function found(surroundings: ConfigSurroundings): Found {
  const path = configPath(surroundings);
  const given = givenUrl(surroundings);
  // Who says all in variables, such as a build server, depends on no file.
  if (given !== null && surroundings.env["ML_API_KEY"]?.trim()) {
    return { path, file: null, url: given };
  }
  const file = loadConfig(path);
  return { path, file, url: given ?? file.url };
}

function givenUrl({ env, flags }: ConfigSurroundings): ApiUrl | null {
  const [name, text] = flags?.apiUrl
    ? ["--api-url", flags.apiUrl]
    : ["ML_API_URL", env["ML_API_URL"]];
  if (!text) return null;
  const parsed = parseApiUrl(text);
  if (!parsed.ok) throw new FetchmlError("usage", `${name} ${parsed.problem}.`);
  return parsed.url;
}

function serverOf({ path, file, url }: Found, env: ConfigSurroundings["env"]): ServerConfig {
  const isTls = url.apiUrl.startsWith("wss:");
  return {
    apiUrl: url.apiUrl,
    httpUrl: url.httpUrl,
    workerHost: file?.url.origin === url.origin ? file.workerHost : null,
    ca: isTls ? readCa({ env, path, written: file?.caFile ?? null }) : null,
    configPath: path.file,
    warnings: file?.warnings ?? [],
    notes: file?.notes ?? [],
  };
}

// The text of a config file as values, or what is wrong with it: file, line and key, never a value.
import { DEFAULT_PORT, FetchmlError } from "@fetchml/protocol";
import { parse, type TomlTable } from "smol-toml";
import { parseApiUrl, type ApiUrl } from "../api-url.ts";
import { CONFIG_KEYS, isConfigKey, KEY_BEFORE, lineOfKey, type ConfigKey } from "./config-keys.ts";
import { tomlProblem } from "./toml-problem.ts";
import { parseWorkerHost } from "./worker-host.ts";

/** What a config file says. An absent file says the same as an empty one. */
export interface ConfigFile {
  /** As it is written; `null` when missing or empty. */
  readonly apiKey: string | null;
  /** The key before it, while a rotation is under way; `null` at all other times. */
  readonly apiKeyBefore: string | null;
  readonly apiKeyCommand: readonly string[] | null;
  /** `api_url`, else made of `worker_host` and `worker_port`, else that of a server on this machine. */
  readonly url: ApiUrl;
  /** `worker_host` as it is written, `HOST` or `USER@HOST`; `null` when missing or empty. */
  readonly workerHost: string | null;
  /** `ca_file` as it is written; `null` when missing or empty. */
  readonly caFile: string | null;
  /** Unknown keys, a sentence each. */
  readonly warnings: readonly string[];
}

/** Reads the text of the file at `path`. @throws FetchmlError `bad-file` */
export function parseConfig(text: string, path: string): ConfigFile {
  const values = parseToml(text, path);
  const source: Source = { text, path };
  const workerHost = stringOf(values, "worker_host", source);
  const worker = parseWorkerHost(workerHost ?? "localhost");
  if (worker === null) {
    throw badValue(source, "worker_host", "is not the name or address of a host");
  }
  const { host } = worker;
  const port = portOf(values, source);
  const hostAndPort = `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
  const written = stringOf(values, "api_url", source);
  const url = parseApiUrl(written ?? `ws://${hostAndPort}/ws`);
  if (!url.ok) throw badValue(source, written === null ? "worker_host" : "api_url", url.problem);
  return {
    apiKey: stringOf(values, "api_key", source),
    apiKeyBefore: stringOf(values, KEY_BEFORE, source),
    apiKeyCommand: commandOf(values, source),
    url: url.url,
    workerHost,
    caFile: stringOf(values, "ca_file", source),
    warnings: Object.keys(values)
      .filter((key) => !isConfigKey(key))
      .map((key) => unknownKey(source, key)),
  };
}

interface Source {
  readonly text: string;
  readonly path: string;
}

function parseToml(text: string, path: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    const problem = tomlProblem(error, text);
    if (problem === undefined) throw error;
    // Without the cause: its message quotes the file.
    throw new FetchmlError("bad-file", `Cannot read the config ${path}, ${problem}.`);
  }
}

function stringOf(values: TomlTable, key: ConfigKey, source: Source): string | null {
  const value = values[key];
  if (value === undefined) return null;
  if (typeof value !== "string") throw badValue(source, key, "must be text in double quotes");
  return value.trim() === "" ? null : value;
}

function portOf(values: TomlTable, source: Source): number {
  const port = values["worker_port"] ?? DEFAULT_PORT;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw badValue(source, "worker_port", "must be a number from 1 to 65535, without quotes");
  }
  return port;
}

function commandOf(values: TomlTable, source: Source): readonly string[] | null {
  const command = values["api_key_command"];
  if (command === undefined) return null;
  const isCommand =
    Array.isArray(command) &&
    command.every((word): word is string => typeof word === "string" && !word.includes("\0")) &&
    command[0] !== undefined &&
    command[0] !== "";
  if (isCommand) return command;
  throw badValue(
    source,
    "api_key_command",
    'must be a list of words, as in ["bw", "get", "password", "ITEM-ID"]',
  );
}

function badValue(source: Source, key: ConfigKey, problem: string): FetchmlError {
  return new FetchmlError("bad-file", `${placeOf(source, key)}: ${key} ${problem}.`);
}

function unknownKey(source: Source, key: string): string {
  // Somebody may have typed the key where its name belongs.
  const name = /^[\w-]{1,32}$/.test(key) && !/^fetchml/i.test(key) ? `the key ${key}` : "a key";
  return `${placeOf(source, key)}: ${name} is unknown and ignored; known are ${CONFIG_KEYS.join(", ")}.`;
}

/** `FILE, line 3`: where a key stands. */
function placeOf(source: Source, key: string): string {
  const line = lineOfKey(source.text, key);
  return line === undefined ? source.path : `${source.path}, line ${line}`;
}

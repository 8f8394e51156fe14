// Puts the settings together: command line first, then the config file, then the defaults.
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { parse, TomlError } from "smol-toml";
import { guardRules } from "./guard-settings.ts";
import { retentionRules } from "./retention-settings.ts";
import { ConfigFile, DEFAULTS, parseUidRange, SANDBOXES, type Settings } from "./settings.ts";

/** What the command line may say about settings. */
export interface SettingFlags {
  readonly config?: string | undefined;
  readonly "data-dir"?: string | undefined;
  readonly listen?: string | undefined;
  readonly sandbox?: string | undefined;
  readonly "behind-proxy"?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings. Nothing is created.
 * @throws FetchmlError bad-file, usage
 */
export function readSettings(flags: SettingFlags, env: Environment = process.env): Settings {
  const configPath = findConfig(flags.config, env);
  const file = configPath === null ? {} : readConfigFile(configPath);
  const home = env["HOME"] ?? homedir();
  const dataDir =
    flags["data-dir"] ??
    file.data_dir ??
    env["STATE_DIRECTORY"] ??
    join(home, ".local/share/fetchml");
  return {
    dataDir: resolve(dataDir),
    configPath,
    listen: parseListen(flags.listen ?? file.listen ?? DEFAULTS.listen),
    behindProxy: flags["behind-proxy"] ?? false,
    sandbox: parseSandbox(flags.sandbox ?? file.sandbox ?? DEFAULTS.sandbox),
    mounts: (file.mounts ?? []).map(({ path, mode }) => ({ path, mode: mode ?? "ro" })),
    jobUids: file.job_uids ?? parseUidRange(DEFAULTS.job_uids) ?? { first: 0, count: 0 },
    cpus: file.cpus ?? null,
    memBytes: file.mem ?? null,
    gpus: file.gpus ?? null,
    allowedHosts: file.allowed_hosts ?? [],
    trustedProxies: file.trusted_proxies ?? [],
    snapshotMax: {
      sizeBytes: file.snapshot_max_size ?? DEFAULTS.snapshot_max_size,
      fileSizeBytes: file.snapshot_max_file_size ?? DEFAULTS.snapshot_max_file_size,
      files: file.snapshot_max_files ?? DEFAULTS.snapshot_max_files,
    },
    retention: retentionRules(file),
    guards: guardRules(file),
    minFree: file.min_free ?? null,
    logLevel: file.log_level ?? DEFAULTS.log_level,
    jobEnv: {
      PATH: file.job_path ?? DEFAULTS.job_path,
      LANG: env["LANG"] ?? "C.UTF-8",
      ...(env["TZ"] !== undefined && { TZ: env["TZ"] }),
    },
  };
}

/** Where a config file is looked for when none is named: the box's, then the account's own. */
export function configPlaces(env: Environment = process.env): readonly [string, string] {
  return [
    "/etc/fetchml/config.toml",
    join(env["HOME"] ?? homedir(), ".config/fetchml/config.toml"),
  ];
}

function findConfig(flag: string | undefined, env: Environment): string | null {
  if (flag !== undefined) {
    if (isThere(flag)) return resolve(flag);
    throw new FetchmlError(
      "bad-file",
      `There is no config file ${flag}. Give --config a file that exists.`,
    );
  }
  const [ofBox, ofAccount] = configPlaces(env);
  if (isThere(ofBox)) return ofBox;
  return existsSync(ofAccount) ? ofAccount : null;
}

/** A config that cannot be reached is there all the same: a server without it would not be what its admin has set. */
function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code !== "ENOENT" && code !== "ENOTDIR";
  }
}

function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new FetchmlError(
      "bad-file",
      `Cannot read ${path}: ${error instanceof Error ? error.message : "unknown reason"}.`,
      { cause: error },
    );
  }
  const parsed = ConfigFile.safeParse(parseToml(path, text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key =
    issue?.code === "unrecognized_keys" ? (issue.keys[0] ?? "") : String(issue?.path[0] ?? "");
  const what =
    issue?.code === "unrecognized_keys"
      ? "is not a setting"
      : `is wrong: ${issue?.message ?? "bad value"}`;
  const line =
    text.split("\n").findIndex((each) => new RegExp(`^\\s*${RegExp.escape(key)}\\s*=`).test(each)) +
    1;
  throw new FetchmlError("bad-file", `${path}${line > 0 ? `, line ${line}` : ""}: ${key} ${what}.`);
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw new FetchmlError(
      "bad-file",
      `${path}, line ${error.line}, column ${error.column}: ${reason}.`,
      { cause: error },
    );
  }
}

/** `127.0.0.1:9100`, `[::1]:9100`, `:9100` or `9100`. */
function parseListen(text: string): Settings["listen"] {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new FetchmlError(
      "usage",
      `--listen takes HOST:PORT, such as ${DEFAULTS.listen}, not ${JSON.stringify(text)}.`,
    );
  }
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  return { host: host === "" ? "127.0.0.1" : host, port };
}

function parseSandbox(text: string): Settings["sandbox"] {
  const sandbox = SANDBOXES.find((each) => each === text);
  if (sandbox !== undefined) return sandbox;
  throw new FetchmlError(
    "usage",
    `--sandbox takes one of ${SANDBOXES.join(", ")}, not ${JSON.stringify(text)}.`,
  );
}

// The check of the config file: is it there, can it be read, and by whom.
import { statSync } from "node:fs";
import {
  configPath,
  readServerConfig,
  shortPath,
  typedPath,
  type ConfigSurroundings,
} from "@fetchml/client";
import { FetchmlError } from "@fetchml/protocol";
import type { Environment } from "../environment.ts";
import { failed, firstLine, ok, warning, type Check } from "./check.ts";

/** The server that the config names, and what the check found; no server where the config cannot be read. */
export interface CheckedConfig {
  readonly check: Check;
  readonly server: ReturnType<typeof readServerConfig> | null;
}

/** Reads the config as every command does, which closes a file that others can read. */
export function checkConfig(
  surroundings: ConfigSurroundings,
  environment: Environment,
): CheckedConfig {
  try {
    const server = readServerConfig(surroundings);
    return { server, check: checkFile(server, environment) };
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    const path = configPath(surroundings).file;
    return { server: null, check: unreadable(error, path, environment) };
  }
}

/** What opens a file for a person to change. */
export function editCommand(path: string, { platform, home }: Environment): string {
  return `${platform === "win32" ? "notepad" : "${EDITOR:-vi}"} ${typedPath(path, home)}`;
}

function checkFile(
  { configPath: file, notes, warnings }: ReturnType<typeof readServerConfig>,
  environment: Environment,
): Check {
  const path = shortPath(file, environment.home);
  const mode = modeOf(file);
  const facts = { path: file, mode };
  if (mode === null) {
    const { ML_API_KEY: key } = environment.variables;
    if (key?.trim()) return ok("config", `there is no ${path}, and ML_API_KEY gives a key`, facts);
    return failed("config", { message: `there is no ${path}`, fix: "ml login", facts });
  }
  const [note] = notes;
  if (note !== undefined) {
    const message = `${note} If somebody else uses this machine, take a new key`;
    return warning("config", { message, fix: "ml key rotate", facts });
  }
  const [unknown] = warnings;
  if (unknown !== undefined) {
    const message = unknown.replace(/\.$/, "");
    return warning("config", { message, fix: editCommand(file, environment), facts });
  }
  if (environment.platform === "win32") {
    return ok("config", `${path}; who else may read it was not checked on this system`, facts);
  }
  if (!mode.endsWith("00")) {
    // Not read, and so not closed, where variables say all.
    const message = `others can read ${path} (mode ${mode})`;
    return warning("config", {
      message,
      fix: `chmod 600 ${typedPath(file, environment.home)}`,
      facts,
    });
  }
  return ok("config", `${path}, mode ${mode}`, facts);
}

/** The permission bits as `chmod` takes them; `null` where there is no file. */
function modeOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : (stats.mode & 0o777).toString(8).padStart(4, "0");
}

function unreadable(error: FetchmlError, path: string, environment: Environment): Check {
  const message = firstLine(error);
  if (error.code === "usage") {
    // An address in a flag or a variable.
    const fix = message.startsWith("ML_API_URL") ? "unset ML_API_URL" : "ml doctor";
    return failed("config", { message, fix });
  }
  const { command } = error.details;
  if (typeof command === "string") return failed("config", { message, fix: command });
  return failed("config", { message, fix: editCommand(path, environment) });
}

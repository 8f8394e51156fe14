// The check of the key: is there one, has it the form of one, and where does it come from.
import {
  configPath,
  readConfig,
  shortPath,
  type Config,
  type ConfigSurroundings,
} from "@fetchml/client";
import { FetchmlError, keyIdOf } from "@fetchml/protocol";
import type { Environment } from "../environment.ts";
import { failed, firstLine, ok, warning, type Check } from "./check.ts";
import { editCommand } from "./config-check.ts";

/** The config with a key of the right form, and what the check found; no config where there is no such key. */
export interface CheckedKey {
  readonly check: Check;
  readonly config: Config | null;
}

/** Reads the key, which runs an `api_key_command`. Nothing is sent. */
export async function checkKey(
  surroundings: ConfigSurroundings,
  environment: Environment,
): Promise<CheckedKey> {
  // Whether the way to the server is safe for it is another check's question.
  const env = { ...surroundings.env, ML_ALLOW_PLAINTEXT_KEY: "1" };
  try {
    const config = await readConfig({ ...surroundings, env });
    return { config, check: checkForm(config, environment) };
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    const { command } = error.details;
    const edit = editCommand(configPath(surroundings).file, environment);
    const fix = typeof command === "string" ? command : edit;
    return { config: null, check: failed("key", { message: firstLine(error), fix }) };
  }
}

function checkForm(config: Config, { home }: Environment): Check {
  const id = keyIdOf(config.apiKey) ?? "";
  const facts = { id, source: config.keySource };
  if (config.keyBefore !== null) {
    const message = `a rotation to the key ${id} was cut off; the next command brings it to its end`;
    return warning("key", { message, fix: "ml status", facts });
  }
  return ok("key", `${id}, from ${sourceWords(config, home)}`, facts);
}

function sourceWords({ keySource, configPath: file }: Config, home: string): string {
  const path = shortPath(file, home);
  switch (keySource) {
    case "ML_API_KEY":
      return "the variable ML_API_KEY";
    case "api_key_command":
      return `api_key_command in ${path}`;
    case "config":
      return path;
  }
}

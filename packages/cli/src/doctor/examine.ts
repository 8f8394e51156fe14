// Makes all checks of `ml doctor`, each only where what it needs was found to be well.
import type { ConfigSurroundings } from "@fetchml/client";
import type { Environment } from "../environment.ts";
import { endpointOf } from "../session.ts";
import { CHECK_NAMES, type Check, type CheckName } from "./check.ts";
import { checkConfig } from "./config-check.ts";
import { checkGit } from "./git-check.ts";
import { checkKey } from "./key-check.ts";
import { checkServer } from "./server-checks.ts";
import { checkTls, checkTunnel } from "./way-checks.ts";

/** What all checks found. */
export interface Examination {
  /** Those that were made, in the order of their names. */
  readonly checks: readonly Check[];
  /** Those that could not be made, because another one failed. */
  readonly not_checked: readonly CheckName[];
}

/** Makes the checks. Nothing is changed but the mode of a config that others can read, as by every command. */
export async function examine(
  surroundings: ConfigSurroundings,
  environment: Environment,
): Promise<Examination> {
  const made: Check[] = [];
  for await (const check of checksOf(surroundings, environment)) made.push(check);
  const checks = CHECK_NAMES.flatMap((name) => made.filter((check) => check.name === name));
  const names = new Set(checks.map(({ name }) => name));
  return { checks, not_checked: CHECK_NAMES.filter((name) => !names.has(name)) };
}

async function* checksOf(
  surroundings: ConfigSurroundings,
  environment: Environment,
): AsyncGenerator<Check> {
  const { server, check } = checkConfig(surroundings, environment);
  yield check;
  if (server === null) return;
  yield await checkGit(server.configPath, environment);
  const key = await checkKey(surroundings, environment);
  yield key.check;
  const tunnel = await checkTunnel(server, environment);
  yield tunnel;
  if (tunnel.status === "failed") return;
  const tls = await checkTls(server, environment);
  yield tls;
  if (tls.status === "failed" || key.config === null) return;
  // Where a rotation was cut off, its new key must not be used by the way: that would bring it to its end.
  const apiKey = key.config.keyBefore ?? key.config.apiKey;
  yield* await checkServer({
    config: server,
    endpoint: endpointOf({ ...server, apiKey }, environment),
    now: environment.now,
    platform: environment.platform,
  });
}

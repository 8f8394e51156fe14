// The way from a command to its server: config, key and connection.
import {
  ask,
  linkTo,
  readConfig,
  shortPath,
  withHiddenKeys,
  type Config,
  type ConfigSurroundings,
  type Endpoint,
  type Link,
} from "@fetchml/client";
import { PRODUCT_VERSION, type MethodName, type ParamsOf, type ResultOf } from "@fetchml/protocol";
import { textOf } from "./args/option-values.ts";
import type { Invocation } from "./command.ts";
import type { Environment } from "./environment.ts";
import { plainText } from "./render/plain-text.ts";

/** One server, as one user, for the length of a command. The end of the process closes the connection. */
export interface Session {
  readonly link: Link;
  readonly endpoint: Endpoint;
  readonly apiUrl: string;
  /** Where the key came from, for a person. */
  readonly keySource: string;
  /** Calls a method; connects before the first call. @throws FetchmlError as the client does */
  call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>>;
  /** Calls a method that changes nothing, in one round trip and without the connection. @throws FetchmlError as the client does */
  ask<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>>;
}

/**
 * Reads the config and tells what is to be said about it. Nothing is sent yet.
 *
 * @throws FetchmlError key-missing, key-malformed, bad-file, usage
 */
export async function openSession(
  invocation: Invocation,
  environment: Environment,
): Promise<Session> {
  const config = await readSettledConfig(invocation, environment);
  const endpoint = endpointOf(config, environment);
  const link = linkTo(endpoint);
  return {
    link,
    endpoint,
    apiUrl: config.apiUrl,
    keySource: keySourceWords(config, environment.home),
    call: async (method, params) => (await link.client()).call(method, params),
    ask: (method, params) => ask(endpoint, method, params),
  };
}

/**
 * Reads the config and tells what is to be said about it. Where a rotation of its key was cut off, it is brought to its end
 * first, which asks the server.
 *
 * @throws FetchmlError key-missing, key-malformed, bad-file, usage
 */
export async function readSettledConfig(
  invocation: Invocation,
  environment: Environment,
): Promise<Config> {
  const surroundings = surroundingsOf(invocation, environment);
  const config = await readConfig(surroundings);
  for (const line of [...config.warnings, ...config.notes]) {
    environment.stderr.write(`${plainText(line)}\n`);
  }
  if (config.keyBefore === null) return config;
  const { settleRotation } = await import("./finish-rotation.ts");
  return settleRotation(config, {
    surroundings,
    endpointOf: (one) => endpointOf(one, environment),
  });
}

/** What reading and writing the config depends on, the flags of this invocation among it. */
export function surroundingsOf(
  invocation: Invocation,
  environment: Environment,
): ConfigSurroundings {
  const apiUrl = textOf(invocation.options, "api-url");
  const config = textOf(invocation.options, "config");
  return {
    env: environment.variables,
    home: environment.home,
    flags: {
      ...(apiUrl === null ? {} : { apiUrl }),
      ...(config === null ? {} : { config }),
    },
  };
}

/** The server and key of a config, and who is calling. It prints without the key. */
export function endpointOf(
  config: Pick<Config, "apiUrl" | "apiKey" | "ca" | "workerHost">,
  environment: Environment,
): Endpoint {
  const clientName = `ml/${PRODUCT_VERSION} ${environment.platform}`;
  const { apiUrl, apiKey, ca, workerHost } = config;
  return withHiddenKeys({ apiUrl, apiKey, clientName, ca, workerHost }, ["apiKey"]);
}

function keySourceWords(config: Config, home: string): string {
  const path = plainText(shortPath(config.configPath, home));
  switch (config.keySource) {
    case "ML_API_KEY":
      return "the variable ML_API_KEY";
    case "api_key_command":
      return `api_key_command in ${path}`;
    case "config":
      return path;
  }
}

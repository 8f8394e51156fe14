// Brings a rotation of the config's key to its end: the new key is used once, and what that shows decides which one stays.
import {
  callOnce,
  endRotation,
  lockRotation,
  readConfig,
  withHiddenKeys,
  type Config,
  type ConfigSurroundings,
  type Endpoint,
} from "@fetchml/client";
import { FetchmlError } from "@fetchml/protocol";

/** A config that holds two keys. */
export interface TwoKeys {
  readonly surroundings: ConfigSurroundings;
  /** With the new key. */
  readonly endpoint: Endpoint;
  readonly keyBefore: string;
}

/**
 * What has become of it. `done`: the new key counts and is alone in the config. `undone`: the new key is dead for ever and the
 * server took the old one, which is back. `open`: it could not be told, for that reason, so both are still there and the next
 * command asks again.
 */
export type RotationEnd =
  | { readonly kind: "done" }
  | { readonly kind: "undone"; readonly error: FetchmlError }
  | { readonly kind: "open"; readonly error: FetchmlError };

/**
 * Uses the new key, and where that is dead the old one. Only for whoever holds the lock of the rotation.
 *
 * @throws FetchmlError `bad-file` when the config cannot be written; it then holds both keys still
 */
export async function finishRotation(keys: TwoKeys): Promise<RotationEnd> {
  const { surroundings, endpoint, keyBefore } = keys;
  const { apiKey } = endpoint;
  const error = await refusalOf(endpoint);
  if (error === null) {
    endRotation(surroundings, { apiKey, keyBefore, keep: apiKey });
    return { kind: "done" };
  }
  if (!isForEver(error)) return { kind: "open", error };
  const before = withHiddenKeys({ ...endpoint, apiKey: keyBefore }, ["apiKey"]);
  if ((await refusalOf(before)) !== null) return { kind: "open", error };
  endRotation(surroundings, { apiKey, keyBefore, keep: keyBefore });
  return { kind: "undone", error };
}

/** Why the key does not let its holder in now; `null` when it does. */
async function refusalOf(endpoint: Endpoint): Promise<FetchmlError | null> {
  try {
    await callOnce(endpoint, "user.whoami", {});
    return null;
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
}

/**
 * Whether a key can never be good again. One that is "invalid" may be: its user is disabled for now, or the tunnel leads to
 * another box. Its only copy is kept.
 */
function isForEver({ code }: FetchmlError): boolean {
  return code === "key-revoked" || code === "key-expired";
}

/**
 * The config with a key that works: where a rotation was cut off, it is brought to its end; where one is under way, or the server
 * cannot take the new key yet, it is the old key, which is good until the new one has been used and for a while after.
 */
export async function settleRotation(
  config: Config,
  at: {
    readonly surroundings: ConfigSurroundings;
    readonly endpointOf: (config: Config) => Endpoint;
  },
): Promise<Config> {
  const { surroundings } = at;
  using lock = lockIfWritable(surroundings);
  if (lock === null) return withOldKey(config);
  // It may have come to its end before the lock was ours.
  const held = await readConfig(surroundings);
  const { keyBefore } = held;
  if (keyBefore === null) return held;
  const endpoint = at.endpointOf(held);
  const { kind } = await finishRotation({ surroundings, endpoint, keyBefore });
  return kind === "open" ? withOldKey(held) : await readConfig(surroundings);
}

/** No command fails because a rotation cannot be ended in a place that cannot be written. */
function lockIfWritable(surroundings: ConfigSurroundings): ReturnType<typeof lockRotation> {
  try {
    return lockRotation(surroundings);
  } catch (error) {
    if (error instanceof FetchmlError) return null;
    throw error;
  }
}

function withOldKey(config: Config): Config {
  return Object.assign(config, { apiKey: config.keyBefore ?? config.apiKey });
}

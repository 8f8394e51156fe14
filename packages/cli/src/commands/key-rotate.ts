// `ml key rotate`: a new key in the place of mine, in an order that survives a crash after every step.
import {
  beginRotation,
  callOnce,
  lockRotation,
  shortPath,
  type Config,
  type ConfigSurroundings,
  type RotationLock,
} from "@fetchml/client";
import { EXIT, FetchmlError, formatDuration, type ResultOf } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { finishRotation, type RotationEnd } from "../finish-rotation.ts";
import { writeJson } from "../render/json.ts";
import { localTime } from "../render/moment-words.ts";
import { plainText } from "../render/plain-text.ts";
import { reportError } from "../report-error.ts";
import { wantsJson } from "../screen.ts";
import { endpointOf, readSettledConfig, surroundingsOf } from "../session.ts";

/**
 * Asks for the new key, writes it beside the old one, uses it once, and takes the old one out. The server lets the new key
 * replace the old one at that first use, so a step that never comes leaves the old one good.
 *
 * @throws FetchmlError key-…, conflict, bad-file
 */
export const run: RunCommand = async (invocation, environment) => {
  const config = await readSettledConfig(invocation, environment);
  if (isSet(invocation.options, "print")) return printNewKey(config, { invocation, environment });
  refuseForeignSource(config, environment);
  if (config.keyBefore !== null) await refuseSecond(config, environment);
  const lock = lockOrRefuse(surroundingsOf(invocation, environment));
  try {
    return await rotate(config, { invocation, environment });
  } finally {
    lock[Symbol.dispose]();
  }
};

interface Call {
  readonly invocation: Invocation;
  readonly environment: Environment;
}

async function printNewKey(config: Config, { invocation, environment }: Call): Promise<number> {
  const made = await callOnce(endpointOf(config, environment), "own-key.rotate", {});
  if (wantsJson(invocation)) writeJson(environment.stdout, made);
  else environment.stdout.write(`${made.api_key}\n`);
  environment.stderr.write(`${printedWords(made)}\n`);
  return EXIT.ok;
}

async function rotate(config: Config, { invocation, environment }: Call): Promise<number> {
  const { stdout, stderr } = environment;
  const made = await callOnce(endpointOf(config, environment), "own-key.rotate", {});
  const end = await putInPlace(config, made, { invocation, environment });
  if (end.kind === "open") {
    stderr.write(`The new key ${made.id} is in the config; the next command uses it.\n`);
    return reportError(end.error, { stderr, debug: isSet(invocation.options, "debug") });
  }
  if (end.kind === "undone") throw overtaken(made, end.error);
  const { id, expires_at, old_id, grace_ms } = made;
  if (wantsJson(invocation)) writeJson(stdout, { id, expires_at, old_id, grace_ms });
  else stdout.write(`${doneWords(made, shortPath(config.configPath, environment.home))}\n`);
  return EXIT.ok;
}

type MadeKey = ResultOf<"own-key.rotate">;

function refuseForeignSource(config: Config, { home }: Environment): void {
  if (config.keySource === "config") return;
  const path = shortPath(config.configPath, home);
  const where =
    config.keySource === "ML_API_KEY"
      ? ["the variable ML_API_KEY", "where that variable is set"]
      : [`api_key_command in ${path}`, "where that command reads it"];
  throw new FetchmlError(
    "conflict",
    `Nothing was changed: your key comes from ${where[0]}, where ml cannot write.\n` +
      `Type "ml key rotate --print" and store the key it prints ${where[1]}.`,
  );
}

/** A rotation that could not be brought to its end: another one now would end the key that it made. */
async function refuseSecond(config: Config, environment: Environment): Promise<never> {
  await callOnce(endpointOf(config, environment), "user.whoami", {});
  throw new FetchmlError(
    "conflict",
    "Nothing was changed: an earlier rotation has not come to its end, because the server could not take its new key.\n" +
      'Your old key works meanwhile. "ml status" tries again; if that does not help, ask your admin.',
  );
}

function lockOrRefuse(surroundings: ConfigSurroundings): RotationLock {
  const lock = lockRotation(surroundings);
  if (lock !== null) return lock;
  throw new FetchmlError(
    "conflict",
    "Nothing was changed: another rotation of this key is under way.\n" +
      'Wait a moment, then "ml key list" shows how your keys stand.',
  );
}

async function putInPlace(config: Config, made: MadeKey, at: Call): Promise<RotationEnd> {
  const surroundings = surroundingsOf(at.invocation, at.environment);
  try {
    const keys = { from: config.apiKey, to: made.api_key };
    const { notes } = await beginRotation(surroundings, keys);
    for (const note of notes) at.environment.stderr.write(`${plainText(note)}\n`);
  } catch (error) {
    if (!(error instanceof FetchmlError) || error.code !== "bad-file") throw error;
    const [what = ""] = error.message.split("\n");
    throw new FetchmlError(
      "bad-file",
      `${what}\nYour key ${made.old_id} stays as it is: the new one was not used and never will be.`,
      { cause: error },
    );
  }
  const endpoint = endpointOf({ ...config, apiKey: made.api_key }, at.environment);
  return finishRotation({ surroundings, endpoint, keyBefore: config.apiKey });
}

function overtaken(made: MadeKey, cause: FetchmlError): FetchmlError {
  return new FetchmlError(
    "conflict",
    `The new key ${made.id} was not accepted: another rotation of the key ${made.old_id} came in between.\n` +
      'The config has its old key again. "ml key list" shows your keys.',
    { cause },
  );
}

function doneWords({ id, expires_at, old_id, grace_ms }: MadeKey, path: string): string {
  const until = expires_at === null ? "never expires" : `is good until ${localTime(expires_at)}`;
  const old = grace_ms === 0 ? "has ended" : `works for another ${formatDuration(grace_ms)}`;
  return `Your new key ${id} is in ${path} and ${until}. The old one, ${old_id}, ${old}.`;
}

function printedWords({ id, old_id, grace_ms }: MadeKey): string {
  const old = grace_ms === 0 ? "ends" : `works for another ${formatDuration(grace_ms)}`;
  return (
    `This is your new key ${id}, shown this once. Store it within the hour, then type "ml status".\n` +
    `Until that first use ${old_id} stays your key; from then on it ${old}.`
  );
}

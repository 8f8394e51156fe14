// `ml login`: ask for the key, check it here and at the server, and write the config.
import {
  callOnce,
  checkConfigTakesKey,
  parseApiUrl,
  readConfig,
  readServerConfig,
  shortPath,
  writeConfig,
  type ConfigSurroundings,
} from "@fetchml/client";
import { errorCodeEntry, EXIT, FetchmlError, type WhoAmI } from "@fetchml/protocol";
import { normaliseApiKey } from "@fetchml/protocol/pasted-key";
import { isSet } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { writeJson } from "../render/json.ts";
import { plainText } from "../render/plain-text.ts";
import { keyWords, personWords } from "../render/status-text.ts";
import { reportError } from "../report-error.ts";
import { wantsJson } from "../screen.ts";
import { endpointOf, surroundingsOf } from "../session.ts";

/**
 * Asks, checks, saves. A key that the server refuses is not saved; one that could not be checked because the server is away is,
 * and the exit code is 4.
 *
 * @throws FetchmlError key-…, usage, bad-file, conflict
 */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const surroundings = withAddress(surroundingsOf(invocation, environment), invocation.words[0]);
  const server = readServerConfig(surroundings);
  for (const warning of server.warnings) stderr.write(`${plainText(warning)}\n`);
  const notes = [...server.notes, ...checkConfigTakesKey(surroundings, server.apiUrl)];
  const apiKey = await askForKey(server.apiUrl, environment);

  const checked = await checkOnline(surroundings, apiKey, environment);
  const written = await writeConfig(surroundings, { apiKey, apiUrl: server.apiUrl });
  for (const note of [...notes, ...written.notes]) stderr.write(`${plainText(note)}\n`);
  stderr.write(`Saved the key in ${shortPath(written.configPath, environment.home)}\n`);
  tellWhatWins(environment);
  if (checked instanceof FetchmlError) {
    return reportError(checked, { stderr, debug: isSet(invocation.options, "debug") });
  }
  if (wantsJson(invocation)) writeJson(stdout, checked);
  else {
    const who = `${personWords(checked)}, ${keyWords(checked, environment.now())}`;
    stdout.write(`Logged in at ${server.apiUrl} as ${who}\n`);
  }
  return EXIT.ok;
};

/** The address on the command line wins over the flag, which is only another way to say it. */
function withAddress(
  surroundings: ConfigSurroundings,
  word: Invocation["words"][number] | undefined,
): ConfigSurroundings {
  if (word === undefined) return surroundings;
  if (normaliseApiKey(word).ok) {
    throw new FetchmlError(
      "usage",
      'A key is never an argument: it is in your shell history now. Type "ml login" alone and paste it when asked.\n' +
        "If others can read that history, ask your admin for another key.",
    );
  }
  const parsed = parseApiUrl(word);
  // What stands there is not shown: it may be a mistyped key.
  if (!parsed.ok) throw new FetchmlError("usage", `The server's address ${parsed.problem}.`);
  return { ...surroundings, flags: { ...surroundings.flags, apiUrl: parsed.url.apiUrl } };
}

async function askForKey(apiUrl: string, environment: Environment): Promise<string> {
  const { stdin, stderr } = environment;
  let text: string;
  if (stdin.isTerminal) {
    try {
      text = await stdin.readHiddenLine(() => stderr.write(`API key for ${apiUrl} (not shown): `));
    } finally {
      stderr.write("\n");
    }
  } else text = await stdin.readAll();
  const key = normaliseApiKey(text);
  if (key.ok) return key.key;
  throw new FetchmlError("key-malformed", `The key was not saved. ${key.message}`);
}

/** Who the server takes the key for, or the error that says that it is away. @throws FetchmlError for a refused key */
async function checkOnline(
  surroundings: ConfigSurroundings,
  apiKey: string,
  environment: Environment,
): Promise<WhoAmI | FetchmlError> {
  const env = { ...surroundings.env, ML_API_KEY: apiKey };
  const config = await readConfig({ ...surroundings, env });
  // With address and key given nothing of the file is read; its CA counts for this server, too.
  const { ca } = readServerConfig({ ...surroundings, env: { ...env, ML_API_KEY: "" } });
  try {
    return await callOnce(endpointOf({ ...config, ca }, environment), "user.whoami", {});
  } catch (error) {
    const isAway =
      error instanceof FetchmlError && errorCodeEntry(error.code).exit === EXIT.unreachable;
    if (isAway) return error;
    throw error;
  }
}

function tellWhatWins({ variables, stderr }: Environment): void {
  if (variables["ML_API_KEY"]?.trim()) {
    stderr.write("The variable ML_API_KEY is set and wins over that file.\n");
  }
}

// `ml logout`: take the key out of the config.
import { removeKey, shortPath } from "@fetchml/client";
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { surroundingsOf } from "../session.ts";

/** Takes the key out. @throws FetchmlError bad-file, conflict */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr, variables } = environment;
  const { configPath, removed, hasCommand } = await removeKey(
    surroundingsOf(invocation, environment),
  );
  const path = shortPath(configPath, environment.home);
  stdout.write(removed ? `Removed the key from ${path}\n` : `There is no key in ${path}\n`);
  if (hasCommand) stderr.write(`Its api_key_command is still there and goes on giving a key.\n`);
  if (variables["ML_API_KEY"]?.trim()) {
    stderr.write("The variable ML_API_KEY is set and goes on giving a key.\n");
  }
  return EXIT.ok;
};

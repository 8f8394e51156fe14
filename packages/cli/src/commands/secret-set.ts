// `ml secret set`: takes a secret and hands it to the box.
import { ENV_NAME, EXIT, FetchmlError } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Reads the value and sends it. @throws FetchmlError usage when there is none or the name is none, interrupted, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdin, stdout, stderr } = environment;
  const [name = ""] = invocation.words;
  checkName(name);
  const session = await openSession(invocation, environment);
  const value = stdin.isTerminal
    ? await stdin.readHiddenLine(() => stderr.write(`Value of ${name} (not shown): `))
    : (await stdin.readAll()).replace(/\r?\n$/, "");
  if (value === "") {
    throw new FetchmlError(
      "usage",
      `Nothing was given as ${name}. Type it when it is asked for, or: ml secret set ${name} < FILE`,
    );
  }
  const entry = await session.call("secret.set", { name, value });
  if (wantsJson(invocation)) writeJson(stdout, entry);
  stderr.write(`The box keeps ${name}. Give it to a job with: ml queue JOB --secret ${name}\n`);
  return EXIT.ok;
};

/** Before the value is asked for: nobody types a secret in vain. */
function checkName(name: string): void {
  if (ENV_NAME.test(name) && name.length <= 64) return;
  throw new FetchmlError(
    "usage",
    `${JSON.stringify(name)} cannot be the name of a secret. It reaches the job as a variable: letters, digits and "_",\n` +
      "not a digit first, up to 64, such as HF_TOKEN.",
  );
}

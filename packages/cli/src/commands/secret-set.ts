// `ml secret set`: takes a secret and hands it to the box.
import { EXIT, FetchmlError } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Reads the value and sends it. @throws FetchmlError usage when there is none, interrupted, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdin, stdout, stderr } = environment;
  const [name = ""] = invocation.words;
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

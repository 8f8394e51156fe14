// `ml secret rm`: forgets a secret.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Removes it; one that is not there is told with exit code 6. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const [name = ""] = invocation.words;
  const session = await openSession(invocation, environment);
  const { removed } = await session.call("secret.remove", { name });
  if (wantsJson(invocation)) writeJson(stdout, { removed });
  stderr.write(
    removed
      ? `${name} is forgotten.\n`
      : `You have no secret ${name}. "ml secret list" shows those you have.\n`,
  );
  return removed ? EXIT.ok : EXIT.notFound;
};

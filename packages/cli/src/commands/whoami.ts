// `ml whoami`: who the server takes me for.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { keyWords, personWords } from "../render/status-text.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Prints who I am. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const session = await openSession(invocation, environment);
  const me = await session.ask("user.whoami", {});
  if (wantsJson(invocation)) writeJson(environment.stdout, me);
  else environment.stdout.write(`${personWords(me)}, ${keyWords(me, environment.now())}\n`);
  return EXIT.ok;
};

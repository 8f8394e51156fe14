// `ml status`: the server, me, the box, and what runs and waits.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { expiryWarning, statusText } from "../render/status-text.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";

/** Prints the page, and a warning when the key ends soon. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const session = await openSession(invocation, environment);
  const status = await session.ask("server.status", {});
  if (wantsJson(invocation)) {
    const client = { api_url: session.apiUrl, key_source: session.keySource };
    writeJson(stdout, { ...status, client });
  } else {
    const look = { palette: paletteOf(stdout, invocation, environment), width: widthOf(stdout) };
    stdout.write(statusText(status, session, look));
  }
  const warning = expiryWarning(status.me, status.server.now);
  if (warning !== null) stderr.write(`${warning}\n`);
  return EXIT.ok;
};

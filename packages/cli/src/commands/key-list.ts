// `ml key list`: my own keys.
import { EXIT, keyIdOf } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { keyTable } from "../render/key-table.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";

/** Prints the keys, the one in use here marked. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout } = environment;
  const session = await openSession(invocation, environment);
  const { keys } = await session.ask("own-key.list", {});
  if (wantsJson(invocation)) writeJson(stdout, keys);
  else {
    stdout.write(
      keyTable(keys, {
        palette: paletteOf(stdout, invocation, environment),
        width: widthOf(stdout),
        now: environment.now(),
        idInUse: keyIdOf(session.endpoint.apiKey) ?? null,
      }),
    );
  }
  return EXIT.ok;
};

// `ml secret list`: names of my secrets.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { writeJson } from "../render/json.ts";
import { localTime } from "../render/moment-words.ts";
import { plainText } from "../render/plain-text.ts";
import { tableLines } from "../render/table.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";

/** Prints names and times. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const session = await openSession(invocation, environment);
  const { secrets } = await session.ask("secret.list", {});
  if (wantsJson(invocation)) writeJson(stdout, secrets);
  else if (secrets.length === 0) stderr.write("You have no secrets. Set one: ml secret set NAME\n");
  else {
    stdout.write(
      tableLines({
        columns: [{ title: "NAME" }, { title: "SET" }],
        rows: secrets.map(({ name, updated_at }) => [plainText(name), localTime(updated_at)]),
        width: widthOf(stdout),
        paintTitles: paletteOf(stdout, invocation, environment).bold,
      }),
    );
  }
  return EXIT.ok;
};

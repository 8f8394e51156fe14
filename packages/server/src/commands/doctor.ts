// `fetchml doctor`: looks for what is wrong with this box, and says what mends it.
import { EXIT } from "@fetchml/protocol";
import { boxChecksText } from "./box-checks/examine-box.ts";
import { examineServer } from "./doctor-checks/examine-server.ts";
import type { Invocation } from "./invocation.ts";
import { printJson } from "./output.ts";

/** Prints the checks. Exits 0 when none has failed, warnings or not, else 1. Nothing is changed. */
export async function run({ flags }: Invocation): Promise<number> {
  const { checks, not_checked } = await examineServer(flags);
  const isWell = checks.every(({ status }) => status !== "failed");
  if (flags["json"] === true) printJson({ ok: isWell, checks, not_checked });
  else process.stdout.write(`${boxChecksText(checks, not_checked)}\n`);
  return isWell ? EXIT.ok : EXIT.other;
}

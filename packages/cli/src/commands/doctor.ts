// `ml doctor`: looks for what is wrong between this machine and the server, and says what mends it.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { doctorText } from "../doctor/doctor-text.ts";
import { examine } from "../doctor/examine.ts";
import { writeJson } from "../render/json.ts";
import { paletteOf, wantsJson } from "../screen.ts";
import { surroundingsOf } from "../session.ts";

/** Prints the checks. Exits 0 when none has failed, warnings or not, else 1. */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout } = environment;
  const examination = await examine(surroundingsOf(invocation, environment), environment);
  const isWell = examination.checks.every(({ status }) => status !== "failed");
  if (wantsJson(invocation)) writeJson(stdout, { ok: isWell, ...examination });
  else stdout.write(doctorText(examination, paletteOf(stdout, invocation, environment)));
  return isWell ? EXIT.ok : EXIT.other;
};

// Checks how many keys end soon, and whether there is anybody who has one.
import { FetchmlError, isKeyOver, type ApiKey, type ResultOf } from "@fetchml/protocol";
import type { Settings } from "../../config/settings.ts";
import { askServer } from "../admin-call.ts";
import { failed, ok, warning, type BoxCheck } from "../box-checks/box-check.ts";
import { isEndNear } from "../key-words.ts";

const NAME = "keys";

/** Asks the running server. @param now epoch milliseconds */
export async function checkKeys(
  { dataDir }: Pick<Settings, "dataDir">,
  now: number,
): Promise<BoxCheck> {
  try {
    const answer = await askServer(dataDir, { method: "key.list", params: {} });
    if (answer === null) throw new FetchmlError("unreachable", "the server has ended");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own server answers what the table says
    return judgeKeys((answer.result as ResultOf<"key.list">).keys, now);
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    const message = error.message.split("\n")[0] ?? "";
    return failed(NAME, { message, fix: "fetchml doctor" });
  }
}

/** What is to be said of these keys. */
export function judgeKeys(keys: readonly ApiKey[], now: number): BoxCheck {
  const good = keys.filter((key) => !isKeyOver(key, now));
  const near = good.filter((key) => isEndNear(key, now));
  const facts = { valid: good.length, ending_soon: near.length };
  const [first] = near;
  if (first !== undefined) {
    const ends = near.length === 1 ? "1 key ends" : `${near.length} keys end`;
    const names = near.map(({ id, user }) => `${id} (${user})`).join(", ");
    const fix = `fetchml key rotate ${first.id}`;
    return warning(NAME, { message: `${ends} soon: ${names}`, fix, facts });
  }
  if (good.length === 0) {
    const message = "there is no valid key: nobody can log in";
    return warning(NAME, { message, fix: "fetchml key issue USER", facts });
  }
  return ok(NAME, `${good.length} valid, none ends soon`, facts);
}

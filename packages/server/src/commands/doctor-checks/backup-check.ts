// Checks how long ago the last good backup was made.
import { formatDuration } from "@fetchml/protocol";
import { readLastBackup } from "../../backup/last-backup.ts";
import type { Settings } from "../../config/settings.ts";
import { ok, warning, type BoxCheck } from "../box-checks/box-check.ts";

const NAME = "backup";

/** One a week is what a small box can forget. */
const WARN_AGE_MS = 7 * 86_400_000;

/** Clocks that are mended jump by less, as a rule. */
const AHEAD_MS = 3_600_000;

/** Reads what the last one has left. @param now epoch milliseconds */
export function checkBackup({ dataDir }: Pick<Settings, "dataDir">, now: number): BoxCheck {
  const at = readLastBackup(dataDir)?.at ?? null;
  const fix = `fetchml backup fetchml-${new Date(now).toISOString().slice(0, 10)}.backup.tar`;
  if (at === null) {
    return warning(NAME, { message: "there was none yet", fix, facts: { last_at: null } });
  }
  if (at > now + AHEAD_MS) {
    const message = "the last one is dated in the future, so that nobody knows how old it is";
    return warning(NAME, { message, fix: `${fix} --force`, facts: { last_at: at } });
  }
  const age = Math.max(0, now - at);
  const facts = { last_at: at, age_ms: age };
  const message = `the last one is ${formatDuration(age)} old`;
  return age > WARN_AGE_MS ? warning(NAME, { message, fix, facts }) : ok(NAME, message, facts);
}

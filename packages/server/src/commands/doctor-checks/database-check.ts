// Checks that the pages of the database are whole, which SQLite's quick check tells.
import { statSync } from "node:fs";
import { join } from "node:path";
import { formatSize } from "@fetchml/protocol";
import { readLastBackup } from "../../backup/last-backup.ts";
import type { Settings } from "../../config/settings.ts";
import { DATABASE_FILE } from "../../store/open-store.ts";
import { quickCheck } from "../../store/quick-check.ts";
import { failed, ok, type BoxCheck } from "../box-checks/box-check.ts";

const NAME = "database";

/** Reads every page; beside a running server, too, which it does not disturb. */
export function checkDatabase({ dataDir }: Pick<Settings, "dataDir">): BoxCheck {
  const path = join(dataDir, DATABASE_FILE);
  const facts = { path, size_bytes: statSync(path).size };
  const fault = quickCheck(path);
  if (fault === null) return ok(NAME, `whole, ${formatSize(facts.size_bytes)}`, facts);
  const message = `${path} is damaged: ${fault}`;
  const file = readLastBackup(dataDir)?.file ?? "FILE";
  return failed(NAME, { message, fix: `fetchml restore ${file} --data-dir ${dataDir}.new`, facts });
}

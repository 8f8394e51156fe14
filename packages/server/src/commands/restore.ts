// `fetchml restore`: makes a data folder from a backup.
import { existsSync } from "node:fs";
import { EXIT } from "@fetchml/protocol";
import { openArchive } from "../backup/archive-reader.ts";
import { restoreBackup, type Restored } from "../backup/restore-backup.ts";
import { readSettings } from "../config/read-settings.ts";
import { accountName } from "./account-name.ts";
import { becomeOwner } from "./data-folder.ts";
import type { Invocation } from "./invocation.ts";
import { counted, printJson, say, shownTime } from "./output.ts";
import { typedPlaces } from "./shell-word.ts";
import { withProgress } from "./show-progress.ts";

/** `fetchml restore FILE [--revoke-all-keys] [--json]`. */
export async function run({ flags, positionals: [file = ""] }: Invocation): Promise<number> {
  const { dataDir } = readSettings(flags);
  const actor = accountName();
  // SQLite makes files of its own, with whatever mode the umask leaves.
  process.umask(0o077);
  // Before root becomes the folder's owner, who may not read where root keeps backups.
  const archive = openArchive(file);
  try {
    if (existsSync(dataDir)) becomeOwner(dataDir);
    const restored = await withProgress("Nothing was restored", ({ signal, show }) =>
      restoreBackup({
        archive,
        dataDir,
        revokeAllKeys: flags["revoke-all-keys"] === true,
        now: Date.now,
        actor,
        signal,
        onProgress: (bytes) => show("restoring", bytes, archive.sizeBytes),
      }),
    );
    if (flags["json"] === true) printJson({ data_dir: dataDir, ...shown(restored) });
    tell(restored, { dataDir, places: typedPlaces(flags) });
    return EXIT.ok;
  } finally {
    archive.close();
  }
}

function shown({ label, configPath, ...counts }: Restored) {
  return {
    ...counts,
    created_at: label.created_at,
    with_blobs: label.with_blobs,
    with_secrets: label.with_secrets,
    config_path: configPath,
  };
}

function tell(
  { label, configPath, ...counts }: Restored,
  { dataDir, places }: { readonly dataDir: string; readonly places: string },
): void {
  const made = shownTime(label.created_at);
  say(
    `Restored ${dataDir} as it was on ${made}: ${counted(counts.jobs, "job")}, ${counted(counts.users, "user")}.`,
  );
  say(
    counts.revoked > 0
      ? `Revoked ${counted(counts.revoked, "key")}, which is all of them. Issue new ones: fetchml key issue USER${places}`
      : `WARNING: ${counted(counts.keys, "key")} of then will work again, also those revoked since, and users disabled since are let in.\nLook before you start the server: fetchml key list${places}; then: fetchml key revoke ID${places}`,
  );
  if (counts.lost > 0)
    say(`${counted(counts.lost, "attempt")} of then, now lost: a job is retried if it may be.`);
  if (!label.with_secrets)
    say('Users\' secrets were not in it: each user sets them again with "ml secret set NAME".');
  if (configPath !== null) say(`The config of then is in ${configPath}; no server reads it there.`);
  say(
    places === ""
      ? "Start the server when you are done: fetchml serve, or systemctl start fetchml."
      : `Start the server when you are done: fetchml serve${places}`,
  );
}

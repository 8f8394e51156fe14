// `fetchml backup`: one verified file with what a box needs to be made again, while the server works on.
import { EXIT, formatSize } from "@fetchml/protocol";
import { makeBackup, type MadeBackup } from "../backup/make-backup.ts";
import { readSettings } from "../config/read-settings.ts";
import { requireDataFolder } from "./data-folder.ts";
import type { Invocation } from "./invocation.ts";
import { counted, printJson, say } from "./output.ts";
import { withProgress } from "./show-progress.ts";

/** `fetchml backup FILE [--with-blobs] [--with-secrets] [--force] [--json]`. */
export async function run({ flags, positionals: [file = ""] }: Invocation): Promise<number> {
  const settings = readSettings(flags);
  requireDataFolder(settings);
  const made = await withProgress("No backup was made", ({ signal, show }) =>
    makeBackup({
      dataDir: settings.dataDir,
      configPath: settings.configPath,
      file,
      force: flags["force"] === true,
      withBlobs: flags["with-blobs"] === true,
      withSecrets: flags["with-secrets"] === true,
      now: Date.now,
      signal,
      onProgress: show,
    }),
  );
  if (flags["json"] === true) printJson(made);
  else tell(made);
  return EXIT.ok;
}

function tell(made: MadeBackup): void {
  const { file, size_bytes: size, jobs, users, keys, left_out: leftOut } = made;
  say(
    `Wrote and verified ${file}: ${formatSize(size)}, ${counted(jobs, "job")}, ${counted(users, "user")}, ${counted(keys, "key")}.`,
  );
  const lacking = [
    ...(made.with_blobs ? [] : ["the code of ended jobs (--with-blobs)"]),
    ...(made.with_secrets ? [] : ["users' secrets (--with-secrets)"]),
    "logs, outputs and checkpoints (rsync)",
  ];
  say(`Not in it: ${lacking.join(", ")}.`);
  say(
    made.with_secrets
      ? "It opens every secret of your users: keep it as safe as the box."
      : "It holds the hashes of all keys: keep it as safe as the box.",
  );
  if (leftOut > 0)
    say(`Left out, damaged on this disk: ${counted(leftOut, "file")} of code. Check the disk.`);
  if (!made.is_noted)
    say(
      "The data folder could not note it, so doctor does not know of it. Is its disk full? Look with: df",
    );
}

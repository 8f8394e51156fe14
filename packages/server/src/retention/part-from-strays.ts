// At the start of a server: what lies there of jobs that the database does not know is never taken for that of a later one.
import { randomUUID } from "node:crypto";
import { lstatSync, lutimesSync, readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { UNFINISHED_PREFIX } from "../domain/attempt-folder.ts";
import type { AttemptKey } from "../domain/attempt-key.ts";
import { strayName } from "../domain/stray-name.ts";
import type { Database } from "../store/database.ts";
import { lastJobId, skipJobIds } from "../store/jobs-write.ts";
import type { Log } from "../telemetry/log.ts";
import { foldersOfNobody, jobFoldersAmong, type JobFolder } from "./job-folders-here.ts";

/** Whose folders, and who lives in them. */
export interface PartingOptions {
  readonly dataDir: string;
  readonly db: Database;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Attempts that are alive here, whoever knows of them. Asked only where one may be in the way. */
  readonly alive: () => Promise<readonly AttemptKey[]>;
}

/**
 * A database that is older than the folders beside it, as after a restore, would give the number of a folder to another job.
 * New jobs therefore get greater ids than any folder has, and a folder of an attempt that a known job has still before it is
 * set aside, for the collection to remove after a day; what a killed start has not finished in it is removed at once. Call it before any job is queued or started; what lives is left as it is.
 *
 * @throws the system's error when a folder cannot be renamed, SQLite's when the disk is full
 */
export async function partFromStrays(options: PartingOptions): Promise<void> {
  const { dataDir, db, log, alive } = options;
  const places = (["attempts", "checkpoints"] as const).map((place) => {
    const root = join(dataDir, place);
    return { place, root, folders: jobFoldersAmong(namesIn(root), place) };
  });
  const greatest = places
    .flatMap(({ folders }) => folders)
    .reduce((most, { job }) => Math.max(most, job), 0);
  if (greatest > lastJobId(db)) {
    db.transact(() => skipJobIds(db, greatest));
    log.warn("job-ids-skipped", { up_to: greatest, why: "folders of such jobs are there" });
  }
  let living: ReadonlySet<number> | null = null;
  for (const { place, root, folders } of places) {
    for (const folder of foldersOfNobody(db, folders).filter(({ isJobKnown }) => isJobKnown)) {
      living ??= new Set((await alive()).map(({ jobId }) => jobId));
      if (living.has(folder.job)) continue;
      const aside = setAside(root, folder, options);
      // Among checkpoints such a name is the job's own.
      if (place === "attempts") await removeUnfinished(aside, log);
    }
  }
}

function setAside(root: string, { name }: JobFolder, { log, now }: PartingOptions): string {
  const aside = join(root, strayName(name, randomUUID().slice(0, 8)));
  renameSync(join(root, name), aside);
  // A copy keeps its times: the collection would take it for untouched since then.
  lutimesSync(aside, now / 1000, now / 1000);
  log.warn("stray-set-aside", { folder: join(root, name), is_now: aside });
  return aside;
}

/** Frees the room that it takes; what cannot be removed now goes with the rest. */
async function removeUnfinished(aside: string, log: Log): Promise<void> {
  try {
    if (!lstatSync(aside).isDirectory()) return;
    const names = readdirSync(aside).filter((name) => name.startsWith(UNFINISHED_PREFIX));
    for (const name of names) await rm(join(aside, name), { recursive: true, force: true });
  } catch (error) {
    log.warn("unfinished-start-kept", { folder: aside, error });
  }
}

function namesIn(root: string): readonly string[] {
  try {
    return readdirSync(root);
  } catch (error) {
    // A link to a disk that is not there yet.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

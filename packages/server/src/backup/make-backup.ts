// Makes a backup of a data folder, with or without a server at work on it.
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { copyDatabase, databaseFaults } from "../store/database-copy.ts";
import { Database } from "../store/database.ts";
import { countStored } from "../store/restored-store.ts";
import { openArchive, readArchive } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { backupTarget, placeBackup, type BackupTarget } from "./backup-target.ts";
import { addCode, addConfig, addSecrets } from "./gather.ts";
import { fullFolder } from "./is-disk-full.ts";
import { newLabel } from "./label.ts";
import { noteBackup, type LastBackup } from "./last-backup.ts";
import { DATABASE, LABEL } from "./member-names.ts";

/** What to back up, and where to. */
export interface BackupOptions {
  readonly dataDir: string;
  /** The config file in use; `null`: none. */
  readonly configPath: string | null;
  readonly file: string;
  /** Whether a file that is there is replaced. */
  readonly force: boolean;
  /** Whether the code of ended jobs is wanted, too. That of unfinished ones always is. */
  readonly withBlobs: boolean;
  readonly withSecrets: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Told of the bytes that are done, first while writing, then while verifying, when it is known how many there are. */
  readonly onProgress: (step: "writing" | "verifying", bytes: number, total: number | null) => void;
}

/** A backup that was made. */
export interface MadeBackup extends LastBackup {
  readonly jobs: number;
  readonly users: number;
  /** Keys that are not revoked. */
  readonly keys: number;
  /** Whether the data folder knows of it, and with that the doctor; not where its disk is full. */
  readonly is_noted: boolean;
}

/**
 * Makes a backup; resolves when it is durable, was read again from its first byte to its last, and has its name. Whatever fails
 * leaves no file of that name, and an older one as it was.
 *
 * @throws FetchmlError conflict, usage, bad-file, disk-full, box-unfit (the database is damaged)
 */
export async function makeBackup(options: BackupOptions): Promise<MadeBackup> {
  const target = backupTarget(options.file, options);
  const folder = workFolder(target, options);
  try {
    const finished = join(folder, "fetchml.backup.tar");
    const { stored, leftOut, at } = await writeArchive(finished, { folder, options });
    await verify(finished, options);
    const sizeBytes = statSync(finished).size;
    placeBackup(finished, target);
    const made = {
      at,
      file: target.path,
      size_bytes: sizeBytes,
      with_blobs: options.withBlobs,
      with_secrets: options.withSecrets,
      left_out: leftOut,
    };
    return { ...made, ...stored, is_noted: await isNoted(options.dataDir, made) };
  } catch (error) {
    if (isDamage(error)) throw damaged(options.dataDir, error.message);
    throw inWords(error, target.path, options.dataDir);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For so long another backup may be at work in its folder. */
const AT_WORK_MS = 24 * 60 * 60 * 1000;

/**
 * Beside the file that it will be, so that it gets its name in one step; readable by nobody else. What a backup to the same file
 * has left that was killed a day ago or more goes.
 */
function workFolder({ folder, path }: BackupTarget, { now, dataDir }: BackupOptions): string {
  const name = basename(path);
  const form = new RegExp(String.raw`^\.${RegExp.escape(name)}\.\w{6}$`);
  try {
    for (const left of readdirSync(folder).filter((each) => form.test(each))) {
      const leftover = join(folder, left);
      const found = lstatSync(leftover);
      if (found.isDirectory() && found.mtimeMs < now() - AT_WORK_MS)
        rmSync(leftover, { recursive: true, force: true });
    }
    return mkdtempSync(join(folder, `.${name}.`));
  } catch (error) {
    throw inWords(error, path, dataDir);
  }
}

/** Notes a backup that is in its place. It is one, whether or not there is room to note it. */
async function isNoted(dataDir: string, made: LastBackup): Promise<boolean> {
  try {
    await noteBackup(dataDir, made);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

async function writeArchive(
  path: string,
  { folder, options }: { readonly folder: string; readonly options: BackupOptions },
) {
  const { dataDir, configPath, withBlobs, withSecrets, now, signal } = options;
  const copyPath = join(folder, "fetchml.db");
  const at = now();
  copyDatabase(join(dataDir, "fetchml.db"), copyPath);
  signal.throwIfAborted();
  const writer = new ArchiveWriter({
    path,
    sumsPath: join(folder, "sums"),
    onProgress: (bytes) => options.onProgress("writing", bytes, null),
  });
  const copy = new Database(copyPath);
  try {
    const [fault] = databaseFaults(copy);
    if (fault !== undefined) throw damaged(dataDir, fault);
    const label = newLabel({ created_at: at, with_blobs: withBlobs, with_secrets: withSecrets });
    writer.addBytes(LABEL, Buffer.from(JSON.stringify(label)), at);
    addDatabase(writer, copyPath);
    addConfig(writer, configPath);
    const gathering = { writer, dataDir, signal };
    if (withSecrets) addSecrets(gathering, at);
    const { leftOut } = await addCode(gathering, { copy, withBlobs });
    writer.finish();
    return { stored: countStored(copy), leftOut, at };
  } finally {
    copy.close();
    writer.close();
  }
}

function addDatabase(writer: ArchiveWriter, copyPath: string): void {
  const file = openSync(copyPath, "r");
  try {
    writer.addFile(DATABASE, file);
  } finally {
    closeSync(file);
  }
}

async function verify(path: string, { signal, onProgress }: BackupOptions): Promise<void> {
  const archive = openArchive(path);
  try {
    await readArchive(archive, {
      sinkFor: () => null,
      signal,
      onProgress: (bytes) => onProgress("verifying", bytes, archive.sizeBytes),
    });
  } finally {
    archive.close();
  }
}

function damaged(dataDir: string, fault: string): FetchmlError {
  return new FetchmlError(
    "box-unfit",
    `No backup was made: the database of ${dataDir} is damaged (${fault}).\nKeep the backups you have; restore the newest of them into another folder.`,
  );
}

function isDamage(error: unknown): error is Error {
  return (
    error instanceof Error &&
    "code" in error &&
    /^SQLITE_(?:CORRUPT|NOTADB)/.test(String(error.code))
  );
}

/** What the system says about a full or closed place, for the person who named it. */
function inWords(error: unknown, path: string, dataDir: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof FetchmlError) return error;
  const full = fullFolder(error, [dirname(path), dataDir]);
  if (full === dataDir) {
    return new FetchmlError(
      "disk-full",
      `No backup was made: the disk of ${dataDir} is full, and SQLite needs 1 MB there to read the database.\nMake that room: fetchml gc, or move something away that is not FetchML's.`,
      { cause: error },
    );
  }
  if (full !== null) {
    return new FetchmlError(
      "disk-full",
      `No backup was made: the disk of ${path} is full. It takes room for the database twice. Name a file on another disk.`,
      { cause: error },
    );
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "SQLITE_CANTOPEN") {
    return new FetchmlError(
      "bad-file",
      `Cannot write the backup ${path}: this account may not. Name another file, or run this as root.`,
      { cause: error },
    );
  }
  if (code === "ENAMETOOLONG" || code === "EIO") {
    return new FetchmlError(
      "bad-file",
      `Cannot write the backup ${path}: ${code === "EIO" ? "its disk gave an error" : "the name is too long"}. Name another file.`,
      { cause: error },
    );
  }
  return error;
}

// Checks that the data folder is there, whose it is, and that nobody else can look into it.
import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { DATABASE_FILE } from "../../store/open-store.ts";
import { failed, ok, warning, type BoxCheck } from "../box-checks/box-check.ts";
import { shellWord } from "../shell-word.ts";

const NAME = "data-folder";

/** What holds hashes of keys, secrets, or the way to be the admin. */
const PRIVATE = [
  DATABASE_FILE,
  `${DATABASE_FILE}-wal`,
  `${DATABASE_FILE}-shm`,
  "lock.db",
  "fetchml.sock",
  "secrets",
];

/** Who asks. */
export interface AskingAccount {
  readonly uid: number;
}

/** Looks at modes and owners. With the fact `uid` the folder is there. */
export function checkDataFolder(
  { dataDir }: Pick<Settings, "dataDir">,
  { uid }: AskingAccount = { uid: process.geteuid?.() ?? 0 },
): BoxCheck {
  const folder = statOf(dataDir);
  const here = { path: dataDir };
  if (folder === null || !folder.isDirectory()) {
    const message =
      folder === null ? `there is no ${dataDir}` : `${dataDir} is a file and not a folder`;
    return failed(NAME, { message, fix: "fetchml init", facts: here });
  }
  const mode = modeOf(folder);
  const facts = { ...here, mode, uid: folder.uid };
  if (uid !== 0 && uid !== folder.uid) {
    const message = `${dataDir} belongs to another account (uid ${folder.uid})`;
    return failed(NAME, { message, fix: "sudo fetchml doctor", facts });
  }
  if (isOpen(folder)) {
    const message = `others can look into ${dataDir} (mode ${mode})`;
    return failed(NAME, { message, fix: `chmod 700 ${shellWord(dataDir)}`, facts });
  }
  if (statOf(join(dataDir, DATABASE_FILE)) === null) {
    const message = `there is no database in ${dataDir}`;
    return failed(NAME, { message, fix: "fetchml init", facts });
  }
  return checkInside(dataDir, { folder, facts });
}

function checkInside(
  dataDir: string,
  { folder, facts }: { readonly folder: Stats; readonly facts: BoxCheck["facts"] },
): BoxCheck {
  const inside = PRIVATE.map((name) => join(dataDir, name)).flatMap((path) => {
    const stat = statOf(path);
    return stat === null ? [] : [{ path, stat }];
  });
  const foreign = inside.find(({ stat }) => stat.uid !== folder.uid);
  if (foreign !== undefined) {
    const message = `${foreign.path} belongs to another account than its folder (uid ${foreign.stat.uid})`;
    const fix = `sudo chown -R ${folder.uid}:${folder.gid} ${shellWord(dataDir)}`;
    return failed(NAME, { message, fix, facts });
  }
  const open = inside.filter(({ stat }) => (stat.mode & 0o077) !== 0).map(({ path }) => path);
  if (open.length > 0) {
    const message = `others could read ${open.join(", ")}, and only the folder's mode keeps them out`;
    return warning(NAME, { message, fix: `chmod go= ${open.map(shellWord).join(" ")}`, facts });
  }
  return ok(NAME, `${dataDir}, mode ${facts["mode"]}`, facts);
}

/** Open to others; what root has opened to the accounts of its jobs lets them pass, and no more. */
function isOpen({ mode, uid }: Stats): boolean {
  const bits = mode & 0o077;
  return bits !== 0 && !(uid === 0 && bits === 0o011);
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}

// Checks the disk of the data folder: its room, and whether a database may live on it.
import { statfsSync } from "node:fs";
import { formatSize } from "@fetchml/protocol";
import type { Settings } from "../../config/settings.ts";
import { failed, ok, warning, type BoxCheck } from "./box-check.ts";
import { nearestFolder } from "./nearest-folder.ts";

const NAME = "disk";

/** With less, a few snapshots and checkpoints fill it. */
const COMFORT_BYTES = 20 * 1024 ** 3;

/** What the kernel calls file systems, statfs(2), on which SQLite's log or its locks do not hold. */
const UNFIT = new Map([
  [0x6969, "NFS"],
  [0xff_53_4d_42, "CIFS"],
  [0xfe_53_4d_42, "SMB"],
  [0x01_02_19_94, "tmpfs, which is lost at a restart"],
]);

/** A file system, as statfs(2) tells it. */
export interface FileSystem {
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly bavail: number;
}

/** Looks at the file system on which the data folder is, or would come to be. */
export function checkDisk(
  { dataDir, minFree }: Pick<Settings, "dataDir" | "minFree">,
  { type, bsize, blocks, bavail }: FileSystem = statfsSync(nearestFolder(dataDir)),
): BoxCheck {
  const size = blocks * bsize;
  const free = bavail * bsize;
  const facts = { data_dir: dataDir, size_bytes: size, free_bytes: free };
  const unfit = UNFIT.get(type);
  const fix = "fetchml init --data-dir /var/lib/fetchml";
  if (unfit !== undefined) {
    return failed(NAME, { message: `${dataDir} is on ${unfit}: take a local disk`, fix, facts });
  }
  const message = `${formatSize(free)} of ${formatSize(size)} free for ${dataDir}`;
  if (free < reserve(size, minFree)) {
    const short = `${message}: too little to take a job`;
    return failed(NAME, { message: short, fix: "fetchml gc", facts });
  }
  if (free < COMFORT_BYTES) return warning(NAME, { message, fix: "fetchml gc", facts });
  return ok(NAME, message, facts);
}

/** What the server keeps free; with less it takes nothing new. */
function reserve(size: number, minFree: Settings["minFree"]): number {
  if (minFree === null) return Math.min(size / 20, 2 * 1024 ** 3);
  return "bytes" in minFree ? minFree.bytes : size * minFree.fraction;
}

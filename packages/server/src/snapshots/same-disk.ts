// Tells whether folders of the data folder lie on one disk: an admin may have moved one of them to another, by a link or a mount.
import { statSync } from "node:fs";
import { dirname } from "node:path";

/** Whether two folders are on the same file system. One that is not there yet counts as where it will be made. */
export function areOnSameDisk(folder: string, other: string): boolean {
  return deviceOf(folder) === deviceOf(other);
}

function deviceOf(folder: string): number | null {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found !== undefined) return found.dev;
  const above = dirname(folder);
  return above === folder ? null : deviceOf(above);
}

// Compares what is here already with what the job has.
import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { readInTurns } from "./read-in-turns.ts";
import { codeOf } from "./system-error.ts";
import type { TargetFolder } from "./target-folder.ts";

/** What is here under the name of a file that is to be pulled. */
export type LocalState =
  | { readonly kind: "absent" }
  /** It has the size and the time of the job's file, to the millisecond, as an earlier pull has set it. Its content was not read. */
  | { readonly kind: "equal" }
  /** It has this hash; the job's file may begin with it, or be it. */
  | {
      readonly kind: "start";
      readonly sizeBytes: number;
      readonly sha256: string;
      readonly stats: Stats;
    }
  /** It is another, and would be lost. */
  | { readonly kind: "other"; readonly stats: Stats };

/**
 * Looks at what is here.
 *
 * @param remote as the server has it; `null` for what is not known. Without a time nothing is `equal`: the content decides
 */
export async function compareLocal(
  target: TargetFolder,
  localPath: string,
  remote: { readonly sizeBytes: number | null; readonly modifiedAt: number | null },
): Promise<LocalState> {
  const stats = target.look(localPath);
  if (stats === null) return { kind: "absent" };
  if (!stats.isFile()) return { kind: "other", stats };
  const { sizeBytes, modifiedAt } = remote;
  if (sizeBytes === stats.size && modifiedAt === Math.floor(stats.mtimeMs))
    return { kind: "equal" };
  if (sizeBytes !== null && stats.size > sizeBytes) return { kind: "other", stats };
  const hashed = await hashLocal(target.at(localPath));
  return hashed === null ? { kind: "other", stats } : { kind: "start", ...hashed };
}

/** Whether two looks at a path show no sign of a change between them. */
export function isUntouched(before: Stats, after: Stats | null): boolean {
  return (
    after !== null &&
    before.ino === after.ino &&
    before.size === after.size &&
    before.mtimeMs === after.mtimeMs &&
    before.ctimeMs === after.ctimeMs
  );
}

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Size and hash of a file, and its stats; `null` for what may not be read, or is no file. No link is followed. */
export async function hashLocal(
  path: string,
): Promise<{ readonly sizeBytes: number; readonly sha256: string; readonly stats: Stats } | null> {
  let descriptor: number;
  try {
    descriptor = openSync(path, FLAGS);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return null;
    const hasher = new Bun.CryptoHasher("sha256");
    const sizeBytes = await readInTurns(descriptor, Infinity, (bytes) => hasher.update(bytes));
    return { sizeBytes, sha256: hasher.digest("hex"), stats };
  } finally {
    closeSync(descriptor);
  }
}

// The folders of the box that the admin shows to jobs: checked at start, and asked for by jobs.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import type { AdminMount } from "./sandbox-plan.ts";

/**
 * Checks what the admin's config lists. A path that does not exist is left to whoever asks for it: a disk may come later.
 *
 * @param dataDir which no mount may show, in whole or in part.
 * @throws FetchmlError bad-file naming the path.
 */
export function checkMounts(mounts: readonly AdminMount[], dataDir: string): void {
  for (const { path } of mounts) {
    const complain = (why: string) =>
      new FetchmlError(
        "bad-file",
        `Cannot show ${JSON.stringify(path)} to jobs: ${why}.\nChange "mounts" in config.toml.`,
      );
    if (!path.startsWith("/") || normalize(path) !== path || path.includes("\0")) {
      throw complain('it is not an absolute path without "..", or has a "/" at its end');
    }
    const own = OWN_PATHS.find((each) => isWithin(path, each) || isWithin(each, path));
    if (path === "/" || own !== undefined)
      throw complain(`every job has a ${own ?? "/"} of its own`);
    if (HOLDS_PATHS.has(path)) throw complain("it would hide what jobs need; name a folder in it");
    const real = followed(path);
    if (isWithin(followed(dataDir), real) || isWithin(real, followed(dataDir))) {
      throw complain("the data of FetchML lies there, with the jobs and the keys of everybody");
    }
  }
}

/**
 * Checks that everything a job asked for is there.
 *
 * @param asked absolute paths; each must be a listed one or lie in one.
 * @throws FetchmlError bad-project naming the first that is not.
 */
export function requireMounts(asked: readonly string[], mounts: readonly AdminMount[]): void {
  for (const path of asked) {
    const listed = mounts.find((mount) => isWithin(normalize(path), mount.path));
    if (listed === undefined) {
      throw new FetchmlError(
        "bad-project",
        `The job asks for ${JSON.stringify(path)}, which this box does not show to jobs.`,
      );
    }
    if (!existsSync(path)) {
      throw new FetchmlError(
        "bad-project",
        `The job asks for ${JSON.stringify(path)}, which is not there on the box.`,
      );
    }
  }
}

/** Paths that the sandbox makes anew for every job. */
const OWN_PATHS = ["/job", "/dev", "/proc", "/sys", "/.fetchml", "/tmp", "/var/tmp"];

/** Folders that a job sees parts of, and so may not be covered whole. */
const HOLDS_PATHS = new Set(["/home", "/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/var"]);

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/** With links followed as far as the path exists. */
function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === "/" ? path : join(followed(dirname(path)), path.slice(path.lastIndexOf("/")));
  }
}

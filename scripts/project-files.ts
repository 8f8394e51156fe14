// Lists the project's own files: what Git tracks, and what it would track if it were added now.

import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder that holds `package.json` and everything else, absolute. */
export const projectRoot = join(import.meta.dir, "..");

/**
 * Every file of the project that exists, as sorted paths relative to `root`. Files that `.gitignore` names are left out.
 *
 * @throws Error when `root` is no Git work tree or Git is missing.
 */
export function listProjectFiles(root: string = projectRoot): readonly string[] {
  const git = Bun.spawnSync(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: root,
    },
  );
  if (!git.success) {
    throw new Error(`git cannot list the files of ${root}: ${git.stderr.toString().trim()}`);
  }
  const paths = git.stdout.toString().split("\0").filter(Boolean);
  // Git still lists a tracked file that was just deleted.
  return [...new Set(paths)].filter((path) => existsSync(join(root, path))).toSorted();
}

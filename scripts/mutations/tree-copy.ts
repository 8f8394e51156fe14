// A copy of the tree in which files may be changed: the project's own files copied, what is installed or built linked.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listProjectFiles, projectRoot } from "../project-files.ts";
import { openTestRun } from "../test-run/run-folder.ts";

/** A copy. Whoever makes it closes it. */
export interface TreeCopy {
  /** Absolute. */
  readonly root: string;
  /** For what runs in it: with a folder for temporary files and a mark by which its processes are found. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends what still runs in it, as a test that fails may leave a server, and removes it. Safe twice. */
  close(): void;
}

/** Copies every file that Git tracks or would track. */
export function copyTree(): TreeCopy {
  const root = mkdtempSync(join(tmpdir(), "fetchml-mutant-"));
  for (const path of listProjectFiles()) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(join(projectRoot, path), join(root, path));
  }
  linkModules(root);
  for (const path of ["dist", "e2e/bitwarden/client/node_modules"]) {
    if (existsSync(join(projectRoot, path))) symlinkSync(join(projectRoot, path), join(root, path));
  }
  const run = openTestRun(process.env);
  return {
    root,
    environment: run.environment,
    close: () => {
      run.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** One link for each module, but none for our own packages' folder: its links must lead into the copy. */
function linkModules(root: string): void {
  const [from, to] = [join(projectRoot, "node_modules"), join(root, "node_modules")];
  mkdirSync(join(to, OWN_SCOPE), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== OWN_SCOPE) symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(root, "packages"))) {
    symlinkSync(join(root, "packages", name), join(to, OWN_SCOPE, name));
  }
}

const OWN_SCOPE = "@fetchml";

// Knows folders that are made anew on the box rather than sent: virtual environments and installed packages.
import { existsSync } from "node:fs";

/** A folder that a setup makes on the box. */
export interface RebuiltFolder {
  /** From the root, with a slash behind. */
  readonly path: string;
  /** What to do in place of sending it, as a sentence. */
  readonly advice: string;
}

/**
 * Finds the outermost such folder that holds a path; the path of a folder, with a slash behind, may be one itself. The
 * root is none. Each folder is looked at once.
 *
 * @param root absolute path
 */
export function createRebuiltLookup(root: string): (path: string) => RebuiltFolder | null {
  const known = new Map<string, string | null>();
  const adviceFor = (folder: string): string | null => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const advice = rebuiltAdvice(`${root}/${folder}`);
    known.set(folder, advice);
    return advice;
  };
  return (path) => {
    for (const folder of foldersOf(path)) {
      const advice = adviceFor(folder);
      if (advice !== null) return { path: folder, advice };
    }
    return null;
  };
}

/** What to do in place of sending what stands at an absolute path, or where a link there leads; `null` when it is no such folder. */
export function rebuiltAdvice(absolute: string): string | null {
  const folder = absolute.replace(/\/$/, "");
  // Where `python -m venv` and conda say what a folder is.
  if (existsSync(`${folder}/pyvenv.cfg`)) return onTheBox("A virtual environment is best made");
  if (existsSync(`${folder}/conda-meta`)) return onTheBox("A conda environment is best made");
  const hasPackages = folder.endsWith("/node_modules") && existsSync(folder);
  return hasPackages ? onTheBox("What is in node_modules is best installed") : null;
}

/** All folders that a path lies in, outermost first, each with a slash behind. */
export function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    folders.push(path.slice(0, at + 1));
  }
  return folders;
}

function onTheBox(what: string): string {
  return `${what} on the box: setup = "…" in ml.toml.`;
}

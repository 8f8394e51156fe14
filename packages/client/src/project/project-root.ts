// Finds the folder that is a project, from any folder inside it.
import { realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { foldersUpwards, whyNeverAProject } from "./folders-upwards.ts";
import { gitDirOf } from "./git-folder.ts";

/** Where a project lies, and where in it somebody stands. All paths are free of links. */
export interface ProjectRoot {
  /** Absolute path. */
  readonly root: string;
  /** The folder that was started from, relative to the root with `/` between parts; empty in the root itself. */
  readonly cwd: string;
  /** Absolute path of the `ml.toml` in the root; `null` when there is none. */
  readonly mlToml: string | null;
}

/**
 * The nearest folder upwards with an `ml.toml`, else the nearest Git work tree, else the folder itself. The search does
 * not enter the home folder, `/`, another mount or a folder of somebody else. The folder that is started from is looked
 * at whoever owns it.
 *
 * @param how.purpose what it is looked for, which is told where there is none. Default: to send it
 * @throws FetchmlError bad-project in the home folder, above it, in `/`, and in a folder that is gone
 */
export function findProjectRoot(
  startDir: string,
  { home, purpose = "send" }: { readonly home: string; readonly purpose?: "send" | "compare" },
): ProjectRoot {
  const start = realFolder(startDir);
  const reason = whyNeverAProject(start, { home });
  if (reason !== null) {
    throw new FetchmlError("bad-project", neverWords(start, { reason, purpose }));
  }
  const folders = foldersUpwards(start, { home });
  const withFile = folders.find(hasMlToml);
  const root = withFile ?? folders.find((folder) => gitDirOf(folder) !== null) ?? start;
  return {
    root,
    cwd: relative(root, start).replaceAll(sep, "/"),
    mlToml: withFile === undefined ? null : join(withFile, "ml.toml"),
  };
}

function neverWords(
  folder: string,
  { reason, purpose }: { readonly reason: string; readonly purpose: "send" | "compare" },
): string {
  return purpose === "send"
    ? `Cannot use ${folder} as a project: ${reason}, and all of it would be sent.\nMake a folder for the project, go there, and run the command again.`
    : `Cannot compare ${folder} with a job: ${reason}, and all of it would be read.\nGo to the folder of a project, and run the command again.`;
}

function realFolder(startDir: string): string {
  try {
    return realpathSync(startDir);
  } catch (cause) {
    throw new FetchmlError(
      "bad-project",
      `Cannot use ${startDir} as a project: the folder is gone or cannot be entered.\nGo to a folder that exists, and run the command again.`,
      { cause },
    );
  }
}

function hasMlToml(folder: string): boolean {
  return statSync(join(folder, "ml.toml"), { throwIfNoEntry: false })?.isFile() === true;
}

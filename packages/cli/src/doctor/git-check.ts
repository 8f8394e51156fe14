// The check that a config with a key does not lie where Git would pick it up.
import { readFileSync, realpathSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { shellQuote } from "@fetchml/client";
import { gitDirOf, runGit } from "@fetchml/client/project";
import { findApiKeyId } from "@fetchml/protocol";
import type { Environment } from "../environment.ts";
import { ok, warning, type Check } from "./check.ts";

/** Looks whether the file at this path holds a key and lies in a Git work tree that does not ignore it. */
export async function checkGit(path: string, environment: Environment): Promise<Check> {
  const file = fileWithKey(path);
  if (file === null) return ok("git", "no key in a file, so none that Git could pick up");
  const top = workTreeOf(file);
  if (top === null) return ok("git", "the config lies in no Git work tree");
  const facts = { work_tree: top };
  const inside = relative(top, file).split(sep).join("/");
  const { variables: env } = environment;
  const tracked = await runGit(top, { env, args: ["ls-files", "-z", "--", inside] });
  const ignore = `printf '\\n%s\\n' ${shellQuote(`/${inside}`)} >> ${shellQuote(`${top}/.gitignore`)}`;
  if (tracked !== null && tracked !== "") {
    return warning("git", {
      message: `the config with your key is in the index of the Git work tree ${top}; a commit may hold the key, so take a new one too: ml key rotate`,
      fix: `git -C ${shellQuote(top)} rm -q --cached -- ${shellQuote(inside)} && ${ignore}`,
      facts,
    });
  }
  if ((await runGit(top, { env, args: ["check-ignore", "--", inside] })) !== null) {
    return ok("git", `the Git work tree ${top} ignores the config in it`, facts);
  }
  return warning("git", {
    message: `the config with your key lies in the Git work tree ${top}, where "git add" takes it along`,
    fix: ignore,
    facts,
  });
}

/** The file behind a path, links followed; `null` where there is none, or none with a key. */
function fileWithKey(path: string): string | null {
  try {
    const file = realpathSync(path);
    return findApiKeyId(readFileSync(file)) === undefined ? null : file;
  } catch {
    return null;
  }
}

/** The top of the work tree that holds a file, a home folder that is one among them. */
function workTreeOf(file: string): string | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (gitDirOf(folder) !== null) return folder;
    if (folder === dirname(folder)) return null;
  }
}

// Where what a job's setup makes is kept, and by which files of the project it counts as the same.
import { createHash } from "node:crypto";
import { lchownSync, mkdirSync } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { arch } from "node:os";
import { dirname, join, normalize } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { openWay } from "../sandbox/ownership.ts";
import type { JobOwner } from "../sandbox/sandbox-plan.ts";
import { homeMark } from "./home-mark.ts";

/**
 * The folder in which the outcome of an attempt's setup is kept or will be, named by the setup's command, the contents of
 * its key files and the user's HOME, on which it may lean; `null` where the job has no setup. The folder of its user is made; it
 * itself appears when it is whole.
 * Call it while the attempt's project is as it was sent: before anything of the job has run.
 *
 * @throws FetchmlError bad-project when a path of the setup's key is not in the project: it would be the same for ever
 */
export async function keptSetup(
  dataDir: string,
  spec: AttemptSpec,
  owner: JobOwner | null,
): Promise<string | null> {
  if (spec.setup === null) return null;
  const setups = join(dataDir, "setups");
  const own = join(setups, spec.user);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  if (owner !== null) {
    openWay(setups);
    lchownSync(own, owner.uid, owner.gid);
  }
  const { work } = attemptFolder(dataDir, spec);
  const depends = await dependsOn(work, spec);
  const mark = homeMark(dataDir, spec.user);
  const home = mark === null ? [] : [mark];
  const text = JSON.stringify([FORM, arch(), spec.setup.command, depends, ...home]);
  return join(own, createHash("sha256").update(text).digest("hex").slice(0, 32));
}

/**
 * Files that name what a project depends on, by which a setup without `setup_key` counts as the same. Where none of them is at
 * the root of the project, the whole project counts.
 */
export const DEPENDENCY_FILES =
  /^(?:uv\.lock|poetry\.lock|pdm\.lock|pixi\.lock|Pipfile(?:\.lock)?|requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|environment[\w.-]*\.ya?ml|conda-lock\.ya?ml|\.python-version|package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|\.nvmrc|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|go\.(?:mod|sum)|Gemfile(?:\.lock)?|renv\.lock|Project\.toml|Manifest\.toml)$/;

/** Raised when the same inputs may no longer give the same outcome. */
const FORM = "bubblewrap 2";

async function dependsOn(work: string, { setup, snapshot }: AttemptSpec): Promise<unknown> {
  const key = setup?.key ?? null;
  const paths = key ?? (await readdir(work)).filter((name) => DEPENDENCY_FILES.test(name));
  if (paths.length === 0 && key === null) return snapshot;
  const parts: unknown[] = [];
  for (const path of paths.toSorted()) {
    const isAll = /^\.\/*$/.test(normalize(path));
    parts.push([path, isAll ? snapshot : await contentInside(work, path)]);
  }
  return parts;
}

/** What stands at a path of the project. A link counts with what it leads to. */
async function contentInside(work: string, path: string): Promise<unknown> {
  if (path.split("/").includes("..")) throw notSent(path);
  const place = join(work, path);
  const root = await realpath(work);
  const above = await realpath(dirname(place)).catch(() => null);
  const stat = above === null ? null : await lstat(place).catch(() => null);
  // A path that leads out of the project, by itself or through a link, stands for nothing in it.
  if (stat === null || above === null || !`${above}/`.startsWith(`${root}/`)) throw notSent(path);
  if (!stat.isSymbolicLink()) return contentAt(place);
  const target = await realpath(place).catch(() => null);
  const isInside = target !== null && target.startsWith(`${root}/`);
  return ["link", await readlink(place), isInside ? await contentAt(target) : null];
}

/** What stands at a place, in a word; a folder counts with all below it. */
async function contentAt(place: string): Promise<unknown> {
  const stat = await lstat(place);
  if (stat.isSymbolicLink()) return ["link", await readlink(place)];
  if (stat.isDirectory()) {
    const parts: unknown[] = [];
    for (const name of (await readdir(place)).toSorted()) {
      parts.push([name, await contentAt(join(place, name))]);
    }
    return parts;
  }
  if (!stat.isFile()) return null;
  const hash = createHash("sha256");
  for await (const piece of Bun.file(place).stream()) hash.update(piece);
  return hash.digest("hex");
}

function notSent(path: string): FetchmlError {
  return new FetchmlError(
    "bad-project",
    `setup_key names ${JSON.stringify(path)}, which the project does not have. Correct setup_key in ml.toml and queue it again.`,
  );
}

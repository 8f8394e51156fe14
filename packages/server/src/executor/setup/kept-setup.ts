// Where what a job's setup makes is kept, and by which files of the project it counts as the same.
import { createHash } from "node:crypto";
import {
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { arch } from "node:os";
import { dirname, join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { openWay } from "../sandbox/ownership.ts";
import type { JobOwner } from "../sandbox/sandbox-plan.ts";

/**
 * The folder in which the outcome of an attempt's setup is kept or will be, named by the setup's command and the contents of
 * its key files; `null` where the job has no setup. The folder of its user is made; it itself appears when it is whole.
 * Call it while the attempt's project is as it was sent: before anything of the job has run.
 */
export function keptSetup(
  dataDir: string,
  spec: AttemptSpec,
  owner: JobOwner | null,
): string | null {
  if (spec.setup === null) return null;
  const setups = join(dataDir, "setups");
  const own = join(setups, spec.user);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  if (owner !== null) {
    openWay(setups);
    lchownSync(own, owner.uid, owner.gid);
  }
  const { work } = attemptFolder(dataDir, spec);
  const depends = dependsOn(work, spec);
  const text = JSON.stringify([FORM, arch(), spec.setup.command, depends]);
  return join(own, createHash("sha256").update(text).digest("hex").slice(0, 32));
}

/**
 * Files that name what a project depends on, by which a setup without `setup_key` counts as the same. Where none of them is at
 * the root of the project, the whole project counts.
 */
export const DEPENDENCY_FILES =
  /^(?:uv\.lock|poetry\.lock|pdm\.lock|pixi\.lock|Pipfile(?:\.lock)?|requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|environment[\w.-]*\.ya?ml|conda-lock\.ya?ml|\.python-version|package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|\.nvmrc|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|go\.(?:mod|sum)|Gemfile(?:\.lock)?|renv\.lock|Project\.toml|Manifest\.toml)$/;

/** Raised when the same inputs may no longer give the same outcome. */
const FORM = "bubblewrap 1";

function dependsOn(work: string, { setup, snapshot }: AttemptSpec): unknown {
  const paths = setup?.key ?? readdirSync(work).filter((name) => DEPENDENCY_FILES.test(name));
  if (paths.length === 0 && setup?.key === null) return snapshot;
  return paths.toSorted().map((path) => [path, contentOf(work, path)]);
}

/** What stands at a path, in a word; a folder counts with all below it. */
function contentOf(work: string, path: string): unknown {
  const place = join(work, path);
  const stat = lstatSync(place, { throwIfNoEntry: false });
  // A path that leads out of the project, by itself or through a link, stands for nothing.
  if (
    stat === undefined ||
    !`${realpathSync(dirname(place))}/`.startsWith(`${realpathSync(work)}/`)
  )
    return null;
  if (stat.isSymbolicLink()) return ["link", readlinkSync(place)];
  if (stat.isDirectory()) {
    return readdirSync(place)
      .toSorted()
      .map((name) => [name, contentOf(work, join(path, name))]);
  }
  if (!stat.isFile()) return null;
  return createHash("sha256").update(readFileSync(place)).digest("hex");
}

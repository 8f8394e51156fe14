// Makes the executables: `npm run build` for this machine in `dist/`, with `--all-targets` for each in `dist/TARGET/`.

import { join } from "node:path";
import { executables, targets } from "./build-steps/build-plan.ts";
import type { Target } from "./build-steps/build-plan.ts";
import { compile } from "./build-steps/compile.ts";
import type { Compilation } from "./build-steps/compile.ts";
import { projectRoot } from "./project-files.ts";
import { writePages } from "./release/write-pages.ts";

/** What a build did with one executable. */
export interface Built {
  /** Absolute. */
  readonly outfile: string;
  /** False when it was current already. */
  readonly isNew: boolean;
}

/**
 * Makes `dist/ml` and `dist/fetchml` for this machine, and nothing when they are current: then it takes some 20 ms, so
 * whoever needs them calls it first.
 *
 * @throws Error in words when one cannot be compiled.
 */
export function buildForHost(root: string = projectRoot): Promise<readonly Built[]> {
  const host = `${process.platform}-${process.arch}`;
  const target = targets.find((candidate) => candidate.host === host);
  if (target === undefined) throw new Error(`Cannot build for ${host}: it is no target`);
  return compileAll(
    executables.map((executable) => ({
      root,
      executable,
      target,
      outfile: join(root, "dist", executable.name),
    })),
  );
}

/** Makes the executables of one target in `dist/TARGET/`. Needs the npm registry the first time. @throws Error as `buildForHost()`. */
export function buildForTarget(
  target: Target,
  root: string = projectRoot,
): Promise<readonly Built[]> {
  return compileAll(compilationsFor(root, target));
}

/** Makes every executable for every target. Needs the npm registry the first time. @throws Error as `buildForHost()`. */
export function buildForAll(root: string = projectRoot): Promise<readonly Built[]> {
  return compileAll(targets.flatMap((target) => compilationsFor(root, target)));
}

function compilationsFor(root: string, target: Target): readonly Compilation[] {
  return executables
    .filter(({ name }) => target.executables.includes(name))
    .map((executable) => ({
      root,
      executable,
      target,
      outfile: join(root, "dist", target.name, executable.name),
    }));
}

async function compileAll(compilations: readonly Compilation[]): Promise<readonly Built[]> {
  const built: Built[] = [];
  // One after the other: a compilation keeps two cores busy, and downloads do not race.
  for (const compilation of compilations) {
    built.push({ outfile: compilation.outfile, isNew: await compile(compilation) });
  }
  return built;
}

async function main(): Promise<void> {
  const build = process.argv.includes("--all-targets") ? buildForAll : buildForHost;
  const started = performance.now();
  for (const { outfile, isNew } of await build()) {
    process.stdout.write(`${isNew ? "built  " : "current"} ${outfile}\n`);
  }
  writePages(join(projectRoot, "dist"));
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

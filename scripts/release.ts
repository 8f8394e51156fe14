// Makes a release in `dist/release/`: `npm run release`, or with `-- --target linux-x64` for some kinds of machines only.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { targets, type Target } from "./build-steps/build-plan.ts";
import { buildForTarget } from "./build.ts";
import { projectRoot } from "./project-files.ts";
import { checkExecutables } from "./release/executable-kind.ts";
import { makeRelease } from "./release/make-release.ts";
import { runTool } from "./release/run-tool.ts";
import { writePages } from "./release/write-pages.ts";

const out = join(projectRoot, "dist/release");

async function main(): Promise<number> {
  const wanted = wantedTargets(process.argv.slice(2));
  rmSync(out, { recursive: true, force: true });
  const { files, leftOut } = await makeRelease({
    root: projectRoot,
    targets: wanted,
    build,
    out,
    epochS: await releaseTime(),
  });
  for (const name of [...files, "SHA256SUMS"]) process.stdout.write(`made ${join(out, name)}\n`);
  for (const { target, why } of leftOut) process.stderr.write(`left out ${target}: ${why}\n`);
  return leftOut.length === 0 ? 0 : 1;
}

async function build(target: Target): Promise<string> {
  await buildForTarget(target);
  const made = join(projectRoot, "dist", target.name);
  checkExecutables(made, target);
  writePages(made);
  return made;
}

function wantedTargets(argv: readonly string[]): readonly Target[] {
  const names = argv.filter((word) => word !== "--target");
  const unknown = names.find((name) => targets.every((target) => target.name !== name));
  if (unknown !== undefined) {
    throw new Error(
      `There is no target ${unknown}. There are: ${targets.map(({ name }) => name).join(", ")}`,
    );
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name));
}

/** `SOURCE_DATE_EPOCH`, else the time of the last commit: so the same sources make the same bytes. */
async function releaseTime(): Promise<number> {
  const said = process.env["SOURCE_DATE_EPOCH"];
  return Number(said ?? (await runTool(["git", "-C", projectRoot, "log", "-1", "--format=%ct"])));
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

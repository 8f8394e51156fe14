// Compiles one executable for one kind of machine, unless the one that lies there is made of the same inputs.

import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { hashInputs, isCurrent, remember } from "./build-inputs.ts";
import { buildFlags } from "./build-plan.ts";
import type { Executable, Target } from "./build-plan.ts";

/** What to compile, for which machine, and where. */
export interface Compilation {
  /** The project's root, absolute. */
  readonly root: string;
  readonly executable: Executable;
  readonly target: Target;
  /** The file to make, absolute; `.exe` is added for Windows. */
  readonly outfile: string;
}

/**
 * Makes the executable; true when it did, false when there was nothing to do. The file appears whole or not at all, so two
 * builds may run at once, and a program that runs keeps its file.
 *
 * @throws Error with Bun's own words when it cannot be compiled; the old file then stays.
 */
export async function compile({
  root,
  executable,
  target,
  outfile,
}: Compilation): Promise<boolean> {
  const file = target.name.startsWith("windows") ? `${outfile}.exe` : outfile;
  const words = compileArguments(root, executable, target);
  const inputs = hashInputs(root, words);
  if (isCurrent(file, inputs)) return false;
  mkdirSync(dirname(file), { recursive: true });
  // Bun leaves its half-made file in the folder it runs in when it is killed.
  const workshop = mkdtempSync(join(dirname(file), ".building-"));
  try {
    const made = join(workshop, executable.name + file.slice(outfile.length));
    const bun = Bun.spawn([process.execPath, "build", ...words, `--outfile=${made}`], {
      cwd: workshop,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([bun.stdout.text(), bun.stderr.text()]);
    if ((await bun.exited) !== 0) throw new Error(refusal(executable, target, `${err}\n${out}`));
    renameSync(made, file);
    remember(file, inputs, join(workshop, "inputs"));
    return true;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function compileArguments(
  root: string,
  { entry, workers, flags }: Executable,
  { bunTarget, host }: Target,
): readonly string[] {
  const isHost = host === `${process.platform}-${process.arch}`;
  // The Bun that runs this is the one to embed, so that nothing is fetched: in the npm packages of 1.4.5 linux-x64 and
  // linux-x64-baseline are the same bytes, but Bun would still ask the registry for the latter.
  const embedded = isHost ? [`--compile-executable-path=${process.execPath}`] : [];
  return [
    ...buildFlags,
    ...flags,
    `--target=${bunTarget}`,
    ...embedded,
    `--root=${join(root, dirname(entry))}`,
    ...[entry, ...workers].map((path) => join(root, path)),
  ];
}

function refusal({ name }: Executable, target: Target, output: string): string {
  const advice = /download/i.test(output)
    ? "\nFor another kind of machine Bun fetches itself once from the npm registry; later it needs no network."
    : "";
  return `Cannot build ${name} for ${target.name}:\n${output.trim()}${advice}`;
}

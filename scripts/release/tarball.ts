// Makes the tarball of one kind of machine.
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Target } from "../build-steps/build-plan.ts";
import { layOut, settle } from "./lay-out.ts";
import { tarballFiles } from "./release-plan.ts";
import { runTool } from "./run-tool.ts";

/** What to make, and of what. */
export interface TarballOrder {
  readonly root: string;
  readonly made: string;
  readonly target: Target;
  /** The name of the folder in it. */
  readonly name: string;
  /** The file to make: `.tar.gz`. */
  readonly outfile: string;
  /** The time of everything in it, in seconds since 1970. */
  readonly epochS: number;
}

/** Makes the tarball. @throws Error in words when a tool is missing or fails */
export async function makeTarball(order: TarballOrder): Promise<void> {
  const { root, made, target, name, outfile, epochS } = order;
  const stage = `${outfile}.stage`;
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(dirname(outfile), { recursive: true });
  try {
    layOut(tarballFiles(target), { root, made, into: join(stage, name) });
    settle(stage, epochS);
    const contents = ["--format=ustar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"];
    const places = [`--file=${outfile}`, `--directory=${stage}`];
    await runTool(["tar", "--create", GZIP, ...contents, ...places, name]);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** With neither name nor time inside. */
const GZIP = "--use-compress-program=gzip -n -6";

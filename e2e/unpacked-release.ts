// A release as it is unpacked, from the executables of this build, open to every account.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { targets } from "../scripts/build-steps/build-plan.ts";
import { layOut } from "../scripts/release/lay-out.ts";
import { tarballFiles } from "../scripts/release/release-plan.ts";
import { writePages } from "../scripts/release/write-pages.ts";
import { FETCHML, ML } from "./box.ts";

/** Lays one out in a folder of its own, which is made, and answers where it is. */
export function unpackRelease(folder: string): string {
  const made = join(folder, "made");
  writePages(made);
  symlinkSync(ML, join(made, "ml"));
  symlinkSync(FETCHML, join(made, "fetchml"));
  const target = targets.find(({ host }) => host === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error("this machine is no target");
  const release = join(folder, "release");
  layOut(tarballFiles(target), { root: join(import.meta.dir, ".."), made, into: release });
  Bun.spawnSync(["chmod", "-R", "go+rX", folder]);
  return release;
}

// A release of this machine from the executables of this build: as it is unpacked, open to every account, and as a package.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { targets } from "../scripts/build-steps/build-plan.ts";
import { makeDebianPackage } from "../scripts/release/debian-package.ts";
import { layOut } from "../scripts/release/lay-out.ts";
import { tarballFiles } from "../scripts/release/release-plan.ts";
import { writePages } from "../scripts/release/write-pages.ts";
import { FETCHML, ML, runToEnd } from "./box.ts";

const root = join(import.meta.dir, "..");

/** What Debian calls this machine. */
export const hostArchitecture = process.arch === "arm64" ? "arm64" : "amd64";

/** Lays one out in a folder of its own, which is made, and answers where it is. */
export function unpackRelease(folder: string): string {
  const made = layOutMade(folder);
  const target = targets.find(({ host }) => host === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error("this machine is no target");
  const release = join(folder, "release");
  layOut(tarballFiles(target), { root, made, into: release });
  Bun.spawnSync(["chmod", "-R", "go+rX", folder]);
  return release;
}

/** Makes the `.deb` in a folder, which is made, and answers its path. */
export async function makeHostPackage(folder: string): Promise<string> {
  const made = layOutMade(folder);
  const outfile = join(folder, "fetchml.deb");
  const order = { root, made, architecture: hostArchitecture, outfile, epochS: 1_700_000_000 };
  await makeDebianPackage(order);
  return outfile;
}

/**
 * Makes of a package one of version 0.0.1 beside it, and answers its path. Both are left without compression, which only costs time.
 * @param change lines of shell that change its files, from the folder that they lie in
 */
export async function makeOlderPackage(deb: string, change = ":"): Promise<string> {
  const older = deb.replace(/\.deb$/, ".older.deb");
  const tree = `${deb}.tree`;
  const steps = `dpkg-deb --raw-extract ${deb} ${tree}
    dpkg-deb --root-owner-group -Znone --build ${tree} ${deb}
    cd ${tree}
    ${change}
    sed -i 's/^Version: .*/Version: 0.0.1/' DEBIAN/control
    find usr -type f | sort | xargs md5sum >DEBIAN/md5sums
    dpkg-deb --root-owner-group -Znone --build ${tree} ${older}
    rm -r ${tree}`;
  const { code, stderr } = await runToEnd(["sh", "-ec", steps], {
    env: { PATH: process.env["PATH"] ?? "" },
  });
  if (code !== 0) throw new Error(stderr);
  return older;
}

function layOutMade(folder: string): string {
  const made = join(folder, "made");
  writePages(made);
  symlinkSync(ML, join(made, "ml"));
  symlinkSync(FETCHML, join(made, "fetchml"));
  return made;
}

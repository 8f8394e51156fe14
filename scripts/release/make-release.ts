// Makes all files of a release: a tarball for each kind of machine, packages for Debian, and their sums.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PRODUCT_VERSION } from "@fetchml/protocol";
import type { Target } from "../build-steps/build-plan.ts";
import { makeDebianPackage } from "./debian-package.ts";
import { debianArchitectures } from "./release-plan.ts";
import { makeTarball } from "./tarball.ts";

/** What a release is made with. */
export interface ReleaseOrder {
  /** The project's root. */
  readonly root: string;
  readonly targets: readonly Target[];
  /** Builds for a target, and answers the folder with executables and pages. */
  readonly build: (target: Target) => Promise<string>;
  /** The folder to fill. */
  readonly out: string;
  /** The time of everything in it, in seconds since 1970. */
  readonly epochS: number;
}

/** What came of it. */
export interface Release {
  /** Names of the files made, without `SHA256SUMS`. */
  readonly files: readonly string[];
  /** Targets that could not be made, each with the reason. */
  readonly leftOut: readonly { readonly target: string; readonly why: string }[];
}

/** Makes what can be made; what cannot is in `leftOut`. */
export async function makeRelease(order: ReleaseOrder): Promise<Release> {
  mkdirSync(order.out, { recursive: true });
  const files: string[] = [];
  const leftOut: { target: string; why: string }[] = [];
  for (const target of order.targets) {
    try {
      files.push(...(await makeFor(target, order)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      leftOut.push({ target: target.name, why });
    }
  }
  const sums = files.map((name) => `${sha256(join(order.out, name))}  ${name}\n`);
  writeFileSync(join(order.out, "SHA256SUMS"), sums.join(""));
  return { files, leftOut };
}

async function makeFor(target: Target, order: ReleaseOrder): Promise<readonly string[]> {
  const { root, out, epochS } = order;
  const made = await order.build(target);
  const name = `fetchml-${PRODUCT_VERSION}-${target.name}`;
  const tarball = join(out, `${name}.tar.gz`);
  await makeTarball({ root, made, target, name, outfile: tarball, epochS });
  const architecture = debianArchitectures.get(target.name);
  if (architecture === undefined) return [basename(tarball)];
  const debian = join(out, `fetchml_${PRODUCT_VERSION}_${architecture}.deb`);
  await makeDebianPackage({ root, made, architecture, outfile: debian, epochS });
  return [basename(tarball), basename(debian)];
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

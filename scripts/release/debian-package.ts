// Makes the package for Debian and Ubuntu.
import { createHash } from "node:crypto";
import {
  chmodSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PRODUCT_VERSION } from "@fetchml/protocol";
import { layOut, settle } from "./lay-out.ts";
import { debianFiles } from "./release-plan.ts";
import { runTool } from "./run-tool.ts";

/** What to make, and of what. */
export interface DebianOrder {
  readonly root: string;
  readonly made: string;
  /** `amd64` or `arm64`. */
  readonly architecture: string;
  /** The file to make. */
  readonly outfile: string;
  /** The time of everything in it, in seconds since 1970. */
  readonly epochS: number;
}

/** Makes the `.deb`. @throws Error in words when a tool is missing or fails */
export async function makeDebianPackage(order: DebianOrder): Promise<void> {
  const { root, made, architecture, outfile, epochS } = order;
  const stage = `${outfile}.stage`;
  rmSync(stage, { recursive: true, force: true });
  try {
    layOut(debianFiles, { root, made, into: stage });
    const fill = (template: string, sizeKib: number) =>
      filled(join(root, "deploy/debian", template), {
        "@VERSION@": PRODUCT_VERSION,
        "@ARCHITECTURE@": architecture,
        "@INSTALLED_SIZE@": String(sizeKib),
        "@MAINTAINER@": process.env["FETCHML_MAINTAINER"] ?? MAINTAINER,
        "@DATE@": new Date(epochS * 1000).toUTCString().replace("GMT", "+0000"),
      });
    write(
      join(stage, "usr/share/doc/fetchml/changelog.gz"),
      Bun.gzipSync(fill("changelog", 0), { level: 9 }),
    );
    const files = globSync("usr/**", { cwd: stage })
      .filter((path) => statSync(join(stage, path)).isFile())
      .toSorted();
    const sums = files.map((path) => `${md5(join(stage, path))}  ${path}\n`);
    write(join(stage, "DEBIAN/md5sums"), sums.join(""));
    const sizeKib = files.reduce(
      (sum, path) => sum + Math.ceil(statSync(join(stage, path)).size / 1024),
      0,
    );
    write(join(stage, "DEBIAN/control"), fill("control", sizeKib));
    settle(stage, epochS);
    mkdirSync(dirname(outfile), { recursive: true });
    // gzip: every dpkg reads it, and unlike xz it does not depend on the number of cores.
    await runTool(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z6", "--build", stage, outfile], {
      SOURCE_DATE_EPOCH: String(epochS),
    });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Whatever the umask: everybody may read it. */
function write(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content);
  chmodSync(path, 0o644);
}

function filled(path: string, words: Readonly<Record<string, string>>): string {
  return readFileSync(path, "utf8").replaceAll(/@[A-Z_]+@/g, (word) => words[word] ?? word);
}

/** Whoever releases for others puts an address that is read into `FETCHML_MAINTAINER`. */
const MAINTAINER = "FetchML contributors <fetchml@example.org>";

function md5(path: string): string {
  return createHash("md5").update(readFileSync(path)).digest("hex");
}

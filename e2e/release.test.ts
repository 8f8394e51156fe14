// A release: the package of this machine installs and runs, the sums fit, and the same sources make the same bytes.
import { afterAll, beforeAll, describe, expect } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targets } from "../scripts/build-steps/build-plan.ts";
import { makeRelease } from "../scripts/release/make-release.ts";
import { writePages } from "../scripts/release/write-pages.ts";
import { runToEnd } from "./box.ts";
import { needsSystem } from "./system-tool.ts";
import { hostArchitecture, makeHostPackage } from "./unpacked-release.ts";

const root = join(import.meta.dir, "..");
const EPOCH_S = 1_700_000_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-release-"));
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command and answers what it printed. @throws Error when it fails */
async function outputOf(...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(command, {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8", HOME: folder },
  });
  if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

/** A build that is done at once: a word for each program. */
function fakeBuild(name: string): string {
  const made = join(folder, "made", name);
  mkdirSync(made, { recursive: true });
  for (const program of ["ml", "fetchml", "ml.exe"]) {
    writeFileSync(join(made, program), `#!/bin/sh\necho ${program} for ${name}\n`);
  }
  writePages(made);
  return made;
}

const withTools = needsSystem("dpkg-deb", "tar", "gzip");

describe("makeRelease()", () => {
  const release = (out: string) =>
    makeRelease({
      root,
      targets,
      build: ({ name }) => Promise.resolve(fakeBuild(name)),
      out: join(folder, out),
      epochS: EPOCH_S,
    });

  withTools("makes a tarball for every target, packages, and sums that fit", async () => {
    const { files, leftOut } = await release("one");
    expect(leftOut).toEqual([]);
    expect(files.map((name) => name.replace(/\d+\.\d+\.\d+/, "V"))).toEqual([
      "fetchml-V-linux-x64.tar.gz",
      "fetchml_V_amd64.deb",
      "fetchml-V-linux-arm64.tar.gz",
      "fetchml_V_arm64.deb",
      "fetchml-V-macos-arm64.tar.gz",
      "fetchml-V-macos-x64.tar.gz",
      "fetchml-V-windows-x64.tar.gz",
    ]);
    const out = join(folder, "one");
    expect(readdirSync(out).toSorted()).toEqual([...files, "SHA256SUMS"].toSorted());
    await outputOf("sh", "-c", `cd '${out}' && sha256sum --check --strict SHA256SUMS`);
    const windows = await outputOf("tar", "-tzf", join(out, files.at(-1) ?? ""));
    expect(windows).toContain("/ml.exe\n");
    expect(windows).not.toContain("fetchml.exe");
    expect(await outputOf("tar", "-tzf", join(out, files[0] ?? ""))).toContain("/install.sh\n");
  });

  withTools("makes the same bytes twice, whatever umask and clock say", async () => {
    await release("one");
    const umask = process.umask(0o077);
    try {
      await release("two");
    } finally {
      process.umask(umask);
    }
    const [first, second] = ["one", "two"].map((out) =>
      readFileSync(join(folder, out, "SHA256SUMS"), "utf8"),
    );
    expect(second).toBe(first ?? "");
  });

  needsSystem(
    "dpkg-deb",
    "tar",
    "gzip",
    "lintian",
  )(
    "makes packages in which lintian finds nothing",
    async () => {
      const { files } = await release("one");
      const packages = files
        .filter((name) => name.endsWith(".deb"))
        .map((name) => join(folder, "one", name));
      const told = await outputOf(
        "lintian",
        "--allow-root",
        "--fail-on=error,warning",
        ...packages,
      );
      expect(told).toBe("");
    },
    300_000,
  );

  withTools("names a target that cannot be built, and makes the others", async () => {
    const { files, leftOut } = await makeRelease({
      root,
      targets,
      build: ({ name }) =>
        name === "macos-x64"
          ? Promise.reject(new Error("no runtime for it"))
          : Promise.resolve(fakeBuild(name)),
      out: join(folder, "three"),
      epochS: EPOCH_S,
    });
    expect(leftOut).toEqual([{ target: "macos-x64", why: "no runtime for it" }]);
    expect(files).toHaveLength(6);
  });
});

describe("the package for this machine", () => {
  let deb: string;

  beforeAll(async () => {
    if (Bun.which("dpkg-deb") !== null) deb = await makeHostPackage(join(folder, "host"));
  }, 300_000);

  needsSystem("dpkg-deb")("says what it is and needs, and belongs to root", async () => {
    const told = await outputOf("dpkg-deb", "--info", deb);
    expect(told).toContain("Package: fetchml\n");
    expect(told).toContain(`Architecture: ${hostArchitecture}\n`);
    expect(told).toContain("Depends: bubblewrap, ");
    expect(told).not.toMatch(/@[A-Z_]+@/);
    const lines = (await outputOf("dpkg-deb", "--contents", deb)).trim().split("\n");
    expect(lines.filter((line) => !line.includes(" root/root "))).toEqual([]);
  });

  needsSystem("dpkg-deb")("unpacks to programs that run, and to sums that fit", async () => {
    const unpacked = join(folder, "unpacked");
    await outputOf("dpkg-deb", "--raw-extract", deb, unpacked);
    expect(await outputOf(join(unpacked, "usr/bin/ml"), "--version")).toStartWith("ml ");
    expect(await outputOf(join(unpacked, "usr/bin/fetchml"), "--version")).toStartWith("fetchml ");
    await outputOf("sh", "-c", `cd '${unpacked}' && md5sum --check --strict DEBIAN/md5sums`);
    for (const script of ["preinst", "postinst", "prerm", "postrm"]) {
      await outputOf("sh", "-n", join(unpacked, "DEBIAN", script));
    }
    expect(existsSync(join(unpacked, "usr/share/man/man1/ml.1.gz"))).toBe(true);
  });
});

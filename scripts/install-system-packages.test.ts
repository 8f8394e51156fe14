// Tests of the script that installs the packages of the tests, on a Debian and an Ubuntu that are stand-ins.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = join(import.meta.dir, "install-system-packages.sh");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-packages-"));
  for (const name of ["sh", "env", "sed", "tr", "grep", "cat", "touch"]) {
    symlinkSync(Bun.which(name) ?? `/bin/${name}`, join(folder, name));
  }
  program("id", "echo 0");
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

/** A system on which these packages are not installed, and that knows of these alone. */
function system({
  missing,
  knows,
}: {
  missing: readonly string[];
  knows: readonly string[];
}): void {
  const [lacking, known] = [missing, knows].map((names) => names.join("|") || "nothing");
  program("dpkg-query", `case $3 in ${lacking}) exit 1 ;; esac; printf installed`);
  program(
    "apt-cache",
    `[ -e ${folder}/lists ] || exit 0
    [ "$LC_ALL:$LANGUAGE" = C: ] || { echo '  Installationskandidat: 1.0'; exit; }
    case $2 in ${known}) echo '  Candidate: 1.0' ;; *) echo '  Candidate: (none)' ;; esac`,
  );
  // As a real one: it takes no name that it does not know.
  program(
    "apt-get",
    `[ "$1" != update ] || { touch ${folder}/lists; exit; }
    [ -e ${folder}/lists ] || exit 100
    shift 4
    for name; do case $name in ${known}) ;; *) exit 100 ;; esac; done
    echo "$*" >>${folder}/installed`,
  );
}

function run(): { readonly code: number; readonly installed: string } {
  const { exitCode } = Bun.spawnSync(["sh", SCRIPT], {
    env: { PATH: folder, LC_ALL: "de_DE.UTF-8", LANGUAGE: "de" },
  });
  const log = join(folder, "installed");
  return { code: exitCode, installed: existsSync(log) ? readFileSync(log, "utf8") : "" };
}

const KERNELS = ["linux-image-amd64", "linux-image-generic"];

describe("install-system-packages.sh", () => {
  test("installs nothing where all is there, be it by its name on Ubuntu", () => {
    system({ missing: ["linux-image-amd64"], knows: [] });
    expect(run()).toEqual({ code: 0, installed: "" });
  });

  test("installs what is missing by the name that the system knows, once it has its lists", () => {
    system({ missing: [...KERNELS, "fish"], knows: ["linux-image-generic", "fish"] });
    expect(run()).toEqual({ code: 0, installed: "fish linux-image-generic\n" });
    rmSync(join(folder, "installed"));
    system({ missing: KERNELS, knows: KERNELS });
    expect(run()).toEqual({ code: 0, installed: "linux-image-amd64\n" });
  });

  test("fails where a package is to be had by no name", () => {
    system({ missing: KERNELS, knows: ["fish"] });
    expect(run()).toEqual({ code: 100, installed: "" });
  });

  test("asks for sudo where it is not root and has none", () => {
    program("id", "echo 1000");
    system({ missing: ["fish"], knows: ["fish"] });
    expect(run()).toEqual({ code: 1, installed: "" });
  });
});

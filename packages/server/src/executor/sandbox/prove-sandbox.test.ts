// The sandbox is chosen by running it, and a box where none works is told what to type.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { TEST_UIDS } from "../local/local-executor.fixture.ts";
import { namesOf } from "./account-groups.ts";
import { proveSandbox, type SandboxSearch } from "./prove-sandbox.ts";
import { wayProblem } from "./way-problem.ts";

const isRoot = process.geteuid?.() === 0;
const real = Bun.which("bwrap");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-prove-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "data"), { mode: 0o700 });
  for (const name of ["setpriv", "setsid"]) {
    const program = Bun.which(name);
    if (program !== null) symlinkSync(program, join(folder, "bin", name));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Proves a sandbox where `bwrap` is this shell program; without one there is none. */
async function prove(asked: SandboxSearch["asked"], bwrap?: string): Promise<unknown> {
  const path = join(folder, "bin");
  if (bwrap !== undefined)
    writeFileSync(join(path, "bwrap"), `#!/bin/sh\n${bwrap}\n`, { mode: 0o755 });
  return proveSandbox({ asked, path, uids: TEST_UIDS, dataDir: join(folder, "data") }).catch(
    (error: unknown) => {
      if (!(error instanceof FetchmlError)) throw error;
      expect([error.code, error.message.split("\n").length <= 3]).toEqual(["box-unfit", true]);
      return error.message;
    },
  );
}

describe("proveSandbox()", () => {
  test("takes none only when it is asked for, and then without a look at the box", async () => {
    expect(await prove("none")).toEqual({ kind: "none" });
  });

  test.skipIf(real === null)("takes bubblewrap by itself where it works", async () => {
    expect(await prove("auto", `exec ${real} "$@"`)).toEqual({
      kind: "bubblewrap",
      program: join(folder, "bin/bwrap"),
      canDisableUserns: true,
      uids: isRoot ? TEST_UIDS : null,
    });
  });

  test.skipIf(real === null)("does without what an older bubblewrap cannot do", async () => {
    const older = `case "$*" in *--disable-userns*) echo 'bwrap: Unknown option' >&2; exit 1;; esac; exec ${real} "$@"`;
    expect(await prove("bubblewrap", older)).toMatchObject({ canDisableUserns: false });
  });

  test("refuses bubblewrap where it is missing, and names the command that installs it", async () => {
    expect(await prove("bubblewrap")).toContain("apt-get install bubblewrap");
  });

  test("refuses bubblewrap where the kernel does, with its complaint and what to type", async () => {
    const message = await prove(
      "bubblewrap",
      "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1",
    );
    expect(message).toContain("setting up uid map: Permission denied");
    expect(message).toMatch(/Type: |start it with|type "fetchml serve --sandbox none"/);
  });

  test.skipIf(!isRoot)("falls back to accounts by itself where it is root", async () => {
    expect(await prove("auto", "exit 1")).toEqual({ kind: "account", uids: TEST_UIDS });
  });

  test.skipIf(isRoot)("falls back to nothing where it is not root", async () => {
    expect(await prove("auto", "exit 1")).toContain("Cannot keep jobs apart");
    expect(await prove("account")).toContain("Only a server that is root");
  });

  test.skipIf(!isRoot)(
    "refuses a data folder to which the accounts of jobs have no way",
    async () => {
      chmodSync(folder, 0o700);
      expect(await prove("auto", "exit 0")).toContain(`chmod o+x ${folder}`);
      expect(wayProblem(join(folder, "data"))).toContain(folder);
      chmodSync(folder, 0o755);
      expect(wayProblem(join(folder, "data"))).toBeNull();
    },
  );
});

test("namesOf() tells the groups through which a job would be root", () => {
  const file = "root:x:0:\nsudo:x:27:alice\ndocker:x:999:alice\nusers:x:100:\n# docker:x:1\n";
  expect(namesOf(file, new Set([27, 100]))).toEqual(["sudo"]);
  expect(namesOf(file, new Set([999, 27]))).toEqual(["sudo", "docker"]);
  expect(namesOf(file, new Set([100]))).toEqual([]);
});

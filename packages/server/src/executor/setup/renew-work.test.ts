// The folders above what a setup made are renewed before it is kept: all of them, or the project stays as it was.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import { namedCheckout } from "./named-checkout.fixture.ts";
import { sandbox, shells, shellSubject, type ShellSubject } from "./shell-subject.fixture.ts";

const STAT = "stat -c '%n: %i %A %u:%g' . a a/b a/c";
const SETUP = `mkdir .venv; : > a/b/made; : > a/b/made2; ${STAT}`;
const LOOK = `${STAT}; find . -type f -o -type l | sort`;
const PROJECT = { snapshot: "train.py=1 a/own=1 a/b/own=1 a/b/link=@own a/c/own=1 .hidden=1" };
const LISTED = [".hidden", "a/b/link", "a/b/made", "a/b/made2", "a/b/own", "a/c/own", "a/own"];

describe.skipIf(sandbox === undefined).each(shells)("with programs under %s", (shell) => {
  let subject: ShellSubject;
  beforeEach(async () => {
    subject = await shellSubject(shell, namedCheckout);
  });
  afterEach(() => subject.close());

  test("those are new folders with the same in them and the same rights, and others stay", async () => {
    const log = await subject.run(subject.specOf(SETUP, LOOK, PROJECT));
    const seen = [...log.matchAll(/^[./abc]+: (\d+) (.*)$/gm)];
    expect(seen).toHaveLength(8);
    const [before, after] = [seen.slice(0, 4), seen.slice(4)];
    // The new one was made while the old one was there: none has its number.
    const isNew = after.map(([, inode], index) => inode !== before[index]?.[1]);
    expect(isNew).toEqual([true, true, true, false]);
    expect(after.map(([, , rights]) => rights)).toEqual(before.map(([, , rights]) => rights));
    expect(log).toEndWith(`\n${LISTED.map((path) => `./${path}\n`).join("")}./train.py\n`);
    expect(subject.kept()).toHaveLength(1);
  });

  // busybox takes its own `mv`.
  test.skipIf(shell === "busybox")(
    "where one cannot be renewed nothing is kept, and the project has all it had",
    async () => {
      const path = join(subject.shellFolder, "mv");
      const flag = join(subject.shellFolder, "failed");
      // As a folder that may not be written: some are moved, and one is not.
      const lines = [
        `case $1:$4 in`,
        `  -t:*b/*|-t:./own|-t:./link|-t:./made*) [ -e ${flag} ] || {`,
        `    : > ${flag}; /bin/mv -t "$2" -- "$4"; exit 1; } ;;`,
        "esac",
      ];
      writeFileSync(path, `#!/bin/sh\n${lines.join("\n")}\nexec /bin/mv "$@"\n`);
      chmodSync(path, 0o755);
      const spec = subject.specOf(SETUP, LOOK, PROJECT);
      const log = await subject.run(spec);
      expect(existsSync(flag)).toBe(true);
      expect(log).toContain("each attempt: it could not be moved and saved.\n");
      expect(log).toEndWith(`\n${LISTED.map((each) => `./${each}\n`).join("")}./train.py\n`);
      expect(subject.kept()).toEqual([]);
      const { root } = attemptFolder(subject.dataDir, spec);
      expect(existsSync(join(root, "unfinished-work"))).toBe(false);
      await subject.run(subject.specOf(SETUP, "true", PROJECT));
      expect(subject.kept()).toHaveLength(1);
    },
  );
});

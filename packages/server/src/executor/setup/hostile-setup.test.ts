// Setups that mean harm: what they leave running, what they leave for other users, and what they make of the disk.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import { ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { localSubject, offeredSandboxes } from "../local/local-executor.fixture.ts";
import { allPids } from "../local/process-identity.ts";
import { listKeptSetups, removeKeptSetup } from "./kept-setups.ts";
import { namedCheckout } from "./named-checkout.fixture.ts";
import { sandbox, shells, shellSubject, type ShellSubject } from "./shell-subject.fixture.ts";

const offered = await offeredSandboxes();
const PATH = "/usr/local/bin:/usr/bin:/bin";

describe.skipIf(sandbox === undefined).each(shells)("with programs under %s", (shell) => {
  let subject: ShellSubject;
  let run: ShellSubject["run"];
  let specOf: ShellSubject["specOf"];
  beforeEach(async () => {
    subject = await shellSubject(shell, namedCheckout);
    ({ run, specOf } = subject);
  });
  afterEach(() => subject.close());

  const fields = { snapshot: "train.py=1" };

  test("what a setup has started is gone before the command runs, and changes nothing that is kept", async () => {
    const mark = `n${process.pid}`;
    const daemon = `trap "" TERM HUP; n=0; while :; do n=$((n + 1)); echo $n > .venv/${mark}; done`;
    const setup = `mkdir .venv; setsid -f env -i sh -c '${daemon}'; until [ -s .venv/${mark} ]; do :; done`;
    const first = specOf(setup, "echo ready; exec sleep 1000", fields);
    await subject.executor.start(first);
    await ready(subject, first);
    const left = allPids().filter((pid) => commandOf(pid).startsWith(`sh\0-c\0${daemon}`));
    expect(left).toEqual([]);
    const one = await run(specOf(setup, `cat .venv/${mark}`, fields));
    const two = await run(specOf(setup, `cat .venv/${mark}`, fields));
    expect(one).toMatch(/^fetchml: setup kept from an earlier job: /);
    expect(two).toBe(one);
    await subject.executor.cancel(first, 0);
    await ended(subject.executor, first);
  });

  test("another user's job finds nothing of what a setup has left wherever it could write", async () => {
    const setup = `
      echo mine > ~/left; mkdir .venv; echo mine > .venv/left
      ipcmk -M 4096 >/dev/null
      for folder in $(find / -xdev -type d 2>/dev/null) /dev/shm /tmp /var/tmp /job/* /run /proc/self; do
        { echo mine > "$folder/left"; } 2>/dev/null
      done; :`;
    await run(specOf(setup, "test -e .venv/left", fields));
    const look =
      "find / -path /proc -prune -o -path /sys -prune -o -name left -print 2>/dev/null; ipcs -m | grep -c 0x; ls -A ~ .";
    const own = await run(specOf("", "cat ~/left; ipcs -m | grep -c 0x; :", { setup: null }));
    expect(own).toBe("mine\n0\n");
    const log = await run(
      specOf("echo hers", look, { ...fields, user: "bob", userId: 2, jobName: "hers" }),
    );
    expect(log).toMatch(
      /\nhers\nfetchml: setup done in [\d.]+ s\n0\n\.:\ntrain\.py\n\n\/home\/bob:\n$/,
    );
    const alike = await run(specOf(setup, "true", { ...fields, user: "bob", userId: 2 }));
    expect(alike).not.toContain("kept from an earlier job");
  });

  // busybox takes its own `stat`.
  test.skipIf(shell === "busybox")(
    "more names than a list may hold are not kept, and the list takes no more of the disk",
    async () => {
      // As of files that take nothing: each name costs the list its whole path.
      const lines = 'case "$*" in *.venv*) exec head -c 400000000 /dev/zero ;; esac';
      const path = join(subject.shellFolder, "stat");
      writeFileSync(path, `#!/bin/sh\n${lines}\nexec /usr/bin/stat "$@"\n`);
      chmodSync(path, 0o755);
      const spec = specOf("mkdir .venv", "ls -d .venv", fields);
      await subject.executor.start(spec);
      let longest = 0;
      const end = await waitFor("the end", async () => {
        const list = statSync(join(subject.control(spec), "after"), { throwIfNoEntry: false });
        longest = Math.max(longest, list?.size ?? 0);
        const [seen] = await subject.executor.observe([spec]);
        return seen?.kind === "ended" ? seen : null;
      });
      expect(end.outcome).toEqual({ kind: "exited", exit_code: 0 });
      expect(await subject.log(spec)).toMatch(
        /each attempt: it could not be compared with the project\.\n\.venv\n$/,
      );
      expect(longest).toBeWithin(1, 256 * 1024 ** 2 + 1);
      expect(subject.kept()).toEqual([]);
      expect(readdirSync(subject.control(spec))).not.toContain("after");
    },
    60_000,
  );

  test("a file that is large only by its holes, and folders of 2,000 levels, are kept as they are and removed", async () => {
    const setup = `exec python3 -c '
import os
os.mkdir(".venv")
os.truncate(os.open(".venv/sparse", os.O_CREAT | os.O_RDWR), 1 << 40)
os.chdir(".venv")
for _ in range(2000): os.mkdir("d"); os.chdir("d")
'`;
    await run(specOf(setup, "true", fields));
    const [kept] = await listKeptSetups(subject.dataDir);
    if (kept === undefined) throw new Error("it was kept");
    expect(statSync(join(kept.path, "tree/.venv/sparse")).blocks).toBeLessThan(100);
    const log = await run(specOf(setup, "stat -c %s .venv/sparse; find .venv | wc -l", fields));
    expect(log).toEndWith(`\n${2 ** 40}\n2002\n`);
    expect(await removeKeptSetup(kept, PATH)).toBe(true);
    expect(subject.kept()).toEqual([]);
  }, 60_000);
});

describe.each(offered.filter(({ kind }) => kind === "account"))("with $kind", (plan) => {
  test("what a setup has started is gone before the command runs", async () => {
    const subject = await localSubject({ sandbox: plan, checkout: namedCheckout });
    const daemon = 'trap "" TERM HUP; while :; do : > begun; sleep 0.01; done';
    const setup = `setsid -f env -i sh -c '${daemon}'; until [ -e begun ]; do :; done`;
    const spec = shellSpec("rm begun; echo ready; exec sleep 1000", {
      snapshot: "a=1",
      setup: { command: setup, key: null },
    });
    await subject.executor.start(spec);
    await ready(subject, spec);
    expect(allPids().filter((pid) => commandOf(pid).startsWith(`sh\0-c\0${daemon}`))).toEqual([]);
    expect(existsSync(join(attemptFolder(subject.dataDir, spec).work, "begun"))).toBe(false);
    await subject.executor.cancel(spec, 0);
    await ended(subject.executor, spec);
    await subject.close();
  });
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

// The shell's part of a cgroup, on a tree of files that looks like one, under each shell that may be /bin/sh.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(import.meta.dir, "cgroup.sh");

describe.each([["dash"], ["bash"], ["busybox", "sh"]])("under %s", (...shell) => {
  let control: string;
  let cgroup: string;
  beforeEach(() => {
    control = mkdtempSync(join(tmpdir(), "fetchml-cgroup-sh-"));
    cgroup = join(control, "a cgroup");
    mkdirSync(cgroup);
    write("cgroup.events", "populated 0\nfrozen 0\n");
    writeFileSync(join(control, "cgroup"), `max 40 1 ${cgroup}\n`);
  });
  afterEach(() => rmSync(control, { recursive: true }));

  const write = (name: string, text: string) => writeFileSync(join(cgroup, name), text);

  function sh(text: string): string {
    const { stdout, stderr } = Bun.spawnSync({
      cmd: [...shell, "-c", `. '${PROGRAM}'; read_cgroup; ${text}`],
      cwd: control,
    });
    return stdout.toString() + stderr.toString();
  }

  const settled = (how: string, code: number) =>
    sh(`how=${how} code=${code}; settle_oom; printf '%s %s' "$how" "$code"`);

  test("read_cgroup finds the folder, whatever its name, or none", () => {
    expect(sh('printf %s "$cgroup"')).toBe(cgroup);
    rmSync(join(control, "cgroup"));
    expect(
      sh('printf "<%s>" "$cgroup"; enter_cgroup && kill_cgroup && end_cgroup && echo all'),
    ).toBe("<>all\n");
  });

  test("enter_cgroup fails where the cgroup is gone", () => {
    rmSync(cgroup, { recursive: true });
    expect(sh("enter_cgroup 2>/dev/null || echo refused")).toBe("refused\n");
  });

  test("end_cgroup kills where something is alive, and nothing where nothing is", () => {
    sh("end_cgroup");
    expect(sh("is_populated || echo empty")).toBe("empty\n");
    expect(() => readFileSync(join(cgroup, "cgroup.kill"))).toThrow();
    write("cgroup.events", "populated 1\nfrozen 0\n");
    expect(sh("is_populated && kill_cgroup; cat a*/cgroup.kill")).toBe("1\n");
  });

  const events = (oom: number, kills: number) =>
    write(
      "memory.events",
      `low 0\nhigh 0\nmax 7\noom ${oom}\noom_kill ${kills}\noom_group_kill 0\n`,
    );

  test("settle_oom tells the job's own limit from want of the box, and the peak where there is one", () => {
    write("memory.max", "67108864\n");
    events(2, 3);
    expect(settled("exited", 137)).toBe("host-oom 67108864 -");
    write("memory.peak", "67100000\n");
    expect(settled("exited", 137)).toBe("host-oom 67108864 67100000");
    expect(settled("setup", 137)).toBe("host-oom 67108864 67100000");
    events(0, 1);
    expect(settled("exited", 137)).toBe("host-oom - 67100000");
  });

  test("settle_oom leaves an end that memory has not caused, or that somebody asked for", () => {
    write("memory.max", "max\n");
    expect(settled("exited", 137)).toBe("exited 137");
    events(0, 0);
    expect(settled("exited", 137)).toBe("exited 137");
    events(1, 1);
    expect(settled("exited", 0)).toBe("exited 0");
    expect(settled("cancelled", 137)).toBe("cancelled 137");
    expect(settled("timed-out", 137)).toBe("timed-out 137");
  });
});

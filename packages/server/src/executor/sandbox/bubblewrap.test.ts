// What a sandbox of bubblewrap shows to a job and holds back, and that it ends with its attempt, whatever dies around it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { attemptSpec, ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { readInit, readJob, readSupervisor } from "../local/attempt-records.ts";
import {
  localSubject,
  type LocalSubject,
  offeredSandboxes,
  processesOf,
} from "../local/local-executor.fixture.ts";
import { allPids, argumentsOf, findProcess } from "../local/process-identity.ts";
import type { BubblewrapPlan } from "./sandbox-plan.ts";

const plans = (await offeredSandboxes()).filter(
  (plan): plan is BubblewrapPlan => plan.kind === "bubblewrap",
);

describe.each(plans)("a sandbox of bubblewrap", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox });
  });
  afterEach(() => subject.close());

  async function run(spec: AttemptSpec) {
    await subject.executor.start(spec);
    return [(await ended(subject.executor, spec)).outcome, await subject.log(spec)] as const;
  }
  /** Living processes in the PID namespace that an attempt's sandbox had. */
  function inside(namespace: string): readonly number[] {
    return allPids().filter((pid) => findProcess(pid) !== null && namespaceOf(pid) === namespace);
  }
  function namespaceOf(pid: number): string {
    const { stdout } = Bun.spawnSync(["readlink", `/proc/${pid}/ns/pid`]);
    return stdout.toString().trim();
  }

  test("a job finds itself at the same paths in every attempt", async () => {
    const look =
      "pwd; echo $HOME $ML_OUTPUT_DIR $ML_CHECKPOINT_DIR $TMPDIR; mktemp -u; hostname; echo x > /tmp/x; cat $TMPDIR/x";
    const paths = "/home/alice /job/outputs /job/checkpoints /job/tmp\n/job/tmp/";
    for (const jobId of [1, 2]) {
      const [, log] = await run(shellSpec(look, { jobId }));
      expect(log).toStartWith(`/job/work\n${paths}`);
      expect(log).toEndWith(`\n${hostname()}\nx\n`);
    }
  });

  test("the root of it holds what jobs need and nothing else, and cannot be written", async () => {
    const [, log] = await run(
      shellSpec("ls /; ls -A /root /run /home /var; touch /x /run/x /var/x /dev/x; mount | wc -l"),
    );
    const [shown = ""] = log.split("/home:");
    expect(
      shown.split("\n").filter((name) => name !== "" && !/^(lib\d*|libx32|opt)$/.test(name)),
    ).toEqual([
      "bin",
      "dev",
      "etc",
      "home",
      "job",
      "proc",
      "root",
      "run",
      "sbin",
      "sys",
      "tmp",
      "usr",
      "var",
    ]);
    expect(log).toContain("alice\n\n/root:\n\n/run:\n\n/var:\ntmp\n");
    expect(log.match(/Read-only file system/g)).toHaveLength(4);
  });

  test("/dev/shm is as large as the box's, and empty for each job; SysV memory is its own", async () => {
    const { blocks, bsize } = statfsSync("/dev/shm");
    const look =
      "df -B1 --output=size /dev/shm | tail -1; ls -A /dev/shm; echo x > /dev/shm/x; ipcmk -M 10 >/dev/null; ipcs -m | grep -c 0x";
    for (const jobId of [1, 2]) {
      expect((await run(shellSpec(look, { jobId })))[1].trim()).toBe(`${blocks * bsize}\n1`);
    }
  });

  test("the network is the box's, and names of hosts are looked up", async () => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("hello"),
    });
    const get = `exec 3<>/dev/tcp/127.0.0.1/${server.port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3; getent hosts localhost; cat /etc/resolv.conf >/dev/null && echo resolv`;
    const [, log] = await run(attemptSpec({ command: { argv: ["bash", "-c", get] } }));
    expect(log).toMatch(/hello.*localhost.*\nresolv\n$/s);
  });

  test("a job has default signals, a closed stdin and no open file but its own", async () => {
    const [, log] = await run(
      shellSpec("grep -E 'Sig(Ign|Blk)' /proc/self/status; cat; ls /proc/self/fd; id -G"),
    );
    expect(log).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+\n0\n1\n2\n3\n\d+\n$/);
  });

  test("a mount that is away harms nobody but the job that asks for it", async () => {
    const mounts = [{ path: "/nowhere/at/all", mode: "rw" }] as const;
    const away = await localSubject({ sandbox, mounts });
    const plain = shellSpec("ls /nowhere", { jobId: 1 });
    const asking = shellSpec("true", { jobId: 2, mounts: ["/nowhere/at/all"] });
    for (const spec of [plain, asking]) await away.executor.start(spec);
    expect((await ended(away.executor, plain)).outcome).toEqual({ kind: "exited", exit_code: 2 });
    expect((await ended(away.executor, asking)).outcome).toMatchObject({
      kind: "failed-to-start",
      message: expect.stringContaining("/nowhere/at/all"),
    });
    await away.close();
  });

  test("variables of a job are on no command line and in no environment outside", async () => {
    const spec = shellSpec("echo ready; while :; do sleep 0.05; done", {
      env: { LD_PRELOAD: "/no/such.so", SECRET: "hunter2" },
    });
    await subject.executor.start(spec);
    await ready(subject, spec);
    const supervisor = readSupervisor(subject.control(spec))?.pid ?? 0;
    const outside = allPids().filter((pid) => findProcess(pid)?.processGroup === supervisor);
    expect(outside.length).toBeGreaterThanOrEqual(4);
    for (const pid of outside) {
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toMatch(/hunter2|LD_PRELOAD/);
      expect(argumentsOf(pid).join(" ")).not.toContain("hunter2");
    }
    await subject.executor.cancel(spec, 0);
  });

  test("the rest of the group has the rest of the grace after its main process took TERM", async () => {
    const spec = shellSpec(
      "sh -c 'trap \"sleep 0.3; echo checkpoint; exit\" TERM; echo ready; while :; do sleep 0.02; done' & trap 'exit 5' TERM; wait",
    );
    await subject.executor.start(spec);
    await ready(subject, spec);
    await subject.executor.cancel(spec, 15_000);
    expect((await ended(subject.executor, spec)).outcome).toEqual({
      kind: "cancelled",
      exit_code: 5,
    });
    expect(await subject.log(spec)).toEndWith("checkpoint\n");
  });

  test.each([
    ["supervisor", "lost"],
    ["bwrap", "exited"],
    ["first process", "exited"],
    ["minder", "cancelled"],
  ] as const)("after kill -9 of its %s nothing of it is alive", async (victim, kind) => {
    const spec = shellSpec(
      "setsid sh -c \"trap '' TERM; sleep 100000\" & trap '' TERM; echo ready; while :; do sleep 0.02; done",
    );
    await subject.executor.start(spec);
    await ready(subject, spec);
    const control = subject.control(spec);
    const init = readInit(control)?.pid ?? 0;
    const namespace = namespaceOf(init);
    expect(inside(namespace).length).toBeGreaterThanOrEqual(3);
    process.kill(pidOf(victim, control), "SIGKILL");
    // Without its minder a job goes on to its own end, here the cancel's.
    if (victim === "minder") await subject.executor.cancel(spec, 200);
    const { outcome } = await ended(subject.executor, spec);
    expect(outcome.kind).toBe(kind);
    expect(inside(namespace)).toEqual([]);
  });

  function pidOf(what: string, control: string): number {
    const supervisor = readSupervisor(control)?.pid ?? 0;
    const init = readInit(control)?.pid ?? 0;
    const bwrap = parentOf(init);
    switch (what) {
      case "supervisor":
        return supervisor;
      case "bwrap":
        return bwrap;
      case "first process":
        return init;
      default: {
        // The other child of the shell that started bwrap.
        const shell = parentOf(bwrap);
        return allPids().find((pid) => parentOf(pid) === shell && pid !== bwrap) ?? 0;
      }
    }
  }

  // Missing where this file runs as a bundle.
  const server = join(import.meta.dir, "../local/start-attempt-process.fixture.ts");
  test.skipIf(!existsSync(server))(
    "a job outlives its server, and another one finds and ends it",
    async () => {
      const started = Bun.spawn({
        cmd: [process.execPath, server],
        env: {
          DATA_DIR: subject.dataDir,
          COMMAND: "echo ready; exec sleep 1000",
          SANDBOX: "bubblewrap",
          TMPDIR: tmpdir(),
        },
        stdio: ["ignore", "ignore", "inherit"],
      });
      const spec = attemptSpec();
      await waitFor("the attempt", () => readJob(subject.control(spec)));
      started.kill("SIGKILL");
      await started.exited;
      await ready(subject, spec);
      expect(await subject.executor.alive()).toEqual([
        { jobId: spec.jobId, attempt: spec.attempt },
      ]);
      await subject.executor.cancel(spec, 15_000);
      expect((await ended(subject.executor, spec)).outcome).toEqual({
        kind: "cancelled",
        exit_code: 143,
      });
    },
  );

  test("a sandbox that cannot be set up is told as failed-to-start, and its complaint is in the log", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-bwrap-"));
    chmodSync(folder, 0o755);
    const program = join(folder, "bwrap");
    writeFileSync(program, "#!/bin/sh\necho 'bwrap: no can do' >&2; exit 1\n", { mode: 0o755 });
    const broken = await localSubject({ sandbox: { ...sandbox, program } });
    await broken.executor.start(attemptSpec());
    expect((await ended(broken.executor, attemptSpec())).outcome.kind).toBe("failed-to-start");
    expect(await broken.log(attemptSpec())).toBe("bwrap: no can do\n");
    await broken.close();
    rmSync(folder, { recursive: true });
  });

  test("outputs are the server's to read, and no folder above them is the job's to change", async () => {
    const [, log] = await run(
      shellSpec(
        "umask 077; mkdir $ML_OUTPUT_DIR/deep; echo x > $ML_OUTPUT_DIR/deep/file; touch /job/x; rm -rf /job/outputs",
      ),
    );
    expect(log.match(/Read-only file system/g)).toHaveLength(2);
    mkdirSync(join(attemptFolder(subject.dataDir, attemptSpec()).outputs, "still-there"));
    expect(processesOf(subject.dataDir)).toEqual([]);
  });
});

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return Number.NaN;
  }
}

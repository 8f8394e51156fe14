// Commands beside running attempts, in every sandbox that this machine offers.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AttemptExec } from "../../domain/attempt-exec.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import {
  localOptions,
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { createAttemptExec, MOST_BESIDE_ONE } from "./attempt-exec.ts";
import { finished, marked, said } from "./command.fixture.ts";

/** Long times of sleep that nobody else on the machine has. */
const [A, B, C, D, E] = [1, 2, 3, 4, 5].map((n) => `${n}0${process.pid}00000`);

const plans = await offeredSandboxes();

describe.each(plans)("a command in $kind", (sandbox) => {
  let subject: LocalSubject;
  let exec: AttemptExec;
  const job = shellSpec("echo mine > file; echo ready; while :; do sleep 0.05; done", {
    env: { GREETING: "hello 'there'" },
  });

  beforeEach(async () => {
    subject = await localSubject({ sandbox });
    const local = { ...localOptions(subject.dataDir), sandbox };
    exec = createAttemptExec({ local, executor: subject.executor });
  });
  afterEach(async () => {
    await exec.close();
    await subject.close();
  });

  async function begun(spec: AttemptSpec = job): Promise<AttemptSpec> {
    await subject.executor.start(spec);
    await ready(subject, spec);
    return spec;
  }
  const shell = (text: string, spec = job) => exec.start(spec, ["sh", "-c", text]);

  test("has the job's folder, account, environment and rights", async () => {
    const look =
      'pwd; id -u; id -G; grep -E "^(NoNewPrivs|Cap(Inh|Prm|Eff|Amb))" /proc/self/status; env | grep -vE "^(_|SHLVL)=" | sort; ls /; grep Max.processes /proc/self/limits; readlink /proc/self/ns/mnt /proc/self/ns/pid /proc/self/ns/user; ls /proc/self/fd';
    const spec = await begun(
      shellSpec(`${look}; echo ready; while :; do sleep 0.05; done`, { env: job.env }),
    );
    const answer = await finished(await exec.start(spec, ["/bin/sh", "-c", look]));
    expect(answer).toMatchObject({ stderr: "", code: 0 });
    expect(`${answer.stdout}ready\n`).toBe(await subject.log(spec));
  });

  test("gives stdout and stderr apart, takes stdin, and ends with its exit code", async () => {
    await begun();
    const command = await shell("cat; cat file; echo bad >&2; exit 7");
    await command.write(Buffer.from("in\n"));
    command.endInput();
    expect(await finished(command)).toEqual({ stdout: "in\nmine\n", stderr: "bad\n", code: 7 });
    const missing = await exec.start(job, ["no-such-command"]);
    expect(await finished(missing)).toMatchObject({ code: 127 });
  });

  test.each(["INT", "TERM", "KILL"] as const)("is ended by %s", async (signal) => {
    await begun();
    const command = await shell(`sleep ${A} & echo up; wait; echo never`);
    await said(command, "up");
    command.signal(signal);
    const { code, stdout } = await finished(command);
    expect([code, stdout]).toEqual([{ INT: 130, TERM: 143, KILL: 137 }[signal], ""]);
    expect(marked(A)).toEqual([]);
  });

  test("ends with whoever asked for it, though it ignores TERM", async () => {
    await begun();
    const command = await shell(`trap '' TERM; echo up; exec sleep ${B}`);
    await said(command, "up");
    command.close();
    command.close();
    await waitFor("its end", () => marked(B).length === 0);
  });

  test("ends with its attempt", async () => {
    await begun();
    const command = await shell(`trap '' TERM; (trap '' TERM; sleep ${C}) & echo up; sleep ${C}`);
    await said(command, "up");
    await subject.executor.cancel(job, 0);
    await ended(subject.executor, job);
    await waitFor("its end", () => marked(C).length === 0);
    expect(await shell("true").catch((error: unknown) => error)).toMatchObject({
      code: "conflict",
    });
  });

  test("that the job kills has ended by that signal", async () => {
    await begun(
      shellSpec(
        "echo ready; until [ -s pid ]; do sleep 0.02; done; kill -9 $(cat pid); while :; do sleep 0.05; done",
      ),
    );
    const command = await shell(`echo $$ > pid; sleep ${D}`);
    expect(await finished(command)).toMatchObject({ code: 137 });
  });

  test("that nobody reads waits, and takes no memory of the server", async () => {
    await begun();
    const command = await shell(`yes ${A}`);
    const before = process.memoryUsage().rss;
    await command.read();
    for (let waited = 0; waited < 20; waited += 1) await Bun.sleep(20);
    const { stdout } = await command.read();
    expect(stdout.length).toBeLessThanOrEqual(65_536);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    command.close();
    await waitFor("its end", () => marked(A).length === 0);
  });

  test("is found by the job's PATH in the job's folder, and not by what the job put in the server's way", async () => {
    const hostile = await begun(
      shellSpec(
        "mkdir bin; for p in sh cat setsid nsenter setpriv mine; do printf '#!/bin/sh\\necho from the job as $(id -u)\\n' > bin/$p; chmod +x bin/$p; done; id -u; echo ready; while :; do sleep 0.05; done",
        { env: { PATH: "bin:/usr/bin:/bin", LD_PRELOAD: "/nowhere/evil.so", ENV: "./evil" } },
      ),
    );
    const { stdout } = await finished(await exec.start(hostile, ["mine"]));
    expect(stdout).toMatch(/^from the job as \d+\n$/);
    expect(stdout).toContain(
      (await subject.log(hostile)).split("\n").find((line) => /^\d+$/.test(line)) ?? "?",
    );
  });

  test.skipIf(sandbox.kind !== "bubblewrap")(
    "sees nothing of the box that the job does not, though the job has replaced its folder by a link",
    async () => {
      const inside = { ...job, cwd: "sub" };
      await subject.executor.start(
        shellSpec("mkdir sub; echo ready; while :; do sleep 0.05; done", {
          attempt: inside.attempt,
        }),
      );
      await ready(subject, inside);
      const first = await shell(
        `rmdir sub; ln -s /proc/1/root/.. sub; ls -d ${subject.dataDir} /proc/${process.pid}/cwd /root/.*rc; unshare --user true; umount /job/work; kill -9 ${process.pid}; echo done`,
      );
      const { stdout, stderr } = await finished(first);
      expect(stdout).toBe("done\n");
      expect(
        stderr.match(/No such file|failed|not permitted|No such process|must be superuser/g)
          ?.length,
      ).toBeGreaterThanOrEqual(5);
      const second = await exec.start(inside, ["sh", "-c", `pwd; ls -d ${subject.dataDir}`]);
      expect(await finished(second)).toMatchObject({ stdout: "/\n", code: 2 });
    },
  );

  test("is refused when there are too many, and not after one has ended", async () => {
    await begun();
    const all = await Promise.all(
      Array.from({ length: MOST_BESIDE_ONE }, () => shell(`sleep ${E}`)),
    );
    expect(await shell("true").catch((error: unknown) => error)).toMatchObject({
      code: "quota-exceeded",
    });
    all[0]?.signal("KILL");
    if (all[0] !== undefined) await finished(all[0]);
    expect(await finished(await shell("exit 3"))).toMatchObject({ code: 3 });
    for (const each of all) each.close();
    await waitFor("their end", () => marked(E).length === 0);
  });
});

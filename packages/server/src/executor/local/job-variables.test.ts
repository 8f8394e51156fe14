// The variables of a job, its secrets among them: in its environment, and on the disk at no time.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder, secretsContext } from "../../domain/attempt-folder.ts";
import { openSecrets } from "../../secrets/secrets.ts";
import { attemptSpec, ended, ready, shellSpec } from "../attempt.fixture.ts";
import { readSupervisor } from "./attempt-records.ts";
import { localSubject, offeredSandboxes } from "./local-executor.fixture.ts";
import { allPids, argumentsOf } from "./process-identity.ts";

const VALUE = "s3cret 'ünïcode'\nand \"more\" $HOME";

/** Files below a folder that hold the words. */
const holders = (folder: string, words: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(words));

for (const sandbox of await offeredSandboxes()) {
  test(`with sandbox ${sandbox.kind} variables stand in no file while a job runs, nor after its end`, async () => {
    const subject = await localSubject({ sandbox });
    const secrets = openSecrets(join(subject.dataDir, "secrets"));
    await secrets.set("alice", "TOKEN", VALUE);
    for (const [jobId, isKilled] of [
      [1, false],
      [2, true],
    ] as const) {
      const spec = shellSpec("echo ready; while :; do sleep 0.05; done", {
        jobId,
        env: { PLAIN: "hunter2" },
        secrets: ["TOKEN"],
      });
      await subject.executor.start(spec);
      await ready(subject, spec);
      for (const words of ["hunter2", "s3cret"]) {
        expect(holders(subject.dataDir, words)).toEqual([]);
        expect(allPids().filter((pid) => argumentsOf(pid).join(" ").includes(words))).toEqual([]);
      }
      if (isKilled) process.kill(readSupervisor(subject.control(spec))?.pid ?? 0, "SIGKILL");
      else await subject.executor.cancel(spec, 0);
      await ended(subject.executor, spec);
      expect(holders(subject.dataDir, "s3cret")).toEqual([]);
    }
    await subject.close();
  });

  test(`with sandbox ${sandbox.kind} a job gets its secrets to the byte, its setup too, and no open file`, async () => {
    const subject = await localSubject({ sandbox });
    const secrets = openSecrets(join(subject.dataDir, "secrets"));
    await secrets.set("alice", "TOKEN", VALUE);
    const long = "x".repeat(32_768);
    for (const name of ["A", "B", "C"]) await secrets.set("alice", name, long);
    const spec = attemptSpec({
      setup: { command: 'printf %s "$TOKEN" | cksum', key: null },
      command: {
        shell: 'printf %s "$TOKEN" | cksum; echo ${#A} ${#B} ${#C} $ML_JOB_ID; ls /proc/self/fd',
        args: [],
      },
      // A secret wins over a variable of the job's, and nothing over what FetchML says.
      env: { TOKEN: "not this" },
      secrets: ["TOKEN", "A", "B", "C"],
    });
    await subject.executor.start(spec);
    expect((await ended(subject.executor, spec)).outcome).toEqual({ kind: "exited", exit_code: 0 });
    const sum = Bun.spawnSync(["cksum"], { stdin: Buffer.from(VALUE) }).stdout.toString();
    const lines = (await subject.log(spec))
      .split("\n")
      .filter((line) => !line.startsWith("fetchml"));
    expect(lines.join("\n")).toBe(`${sum}${sum}32768 32768 32768 12\n0\n1\n2\n3\n`);
    // Known for as long as there is a log, whatever becomes of the secret.
    await secrets.remove("alice", "TOKEN");
    const { secrets: path } = attemptFolder(subject.dataDir, spec);
    expect(await secrets.kept(path, secretsContext(spec))).toEqual([VALUE, long]);
    await subject.close();
  });
}

test("a secret that is gone at the start ends the attempt, which says what to do", async () => {
  const subject = await localSubject();
  const spec = attemptSpec({ secrets: ["TOKEN"] });
  await subject.executor.start(spec);
  expect((await ended(subject.executor, spec)).outcome).toEqual({
    kind: "failed-to-start",
    message: expect.stringContaining('Set it with "ml secret set TOKEN"'),
  });
  await subject.close();
});

// Attempts with an account each: nothing of an account outlives its attempt, and a user's next job finds its files.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { ended, ready, shellSpec } from "../attempt.fixture.ts";
import { readAccount, readSupervisor } from "../local/attempt-records.ts";
import {
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { accountOfProcess, allPids } from "../local/process-identity.ts";

const plans = (await offeredSandboxes()).filter(({ kind }) => kind === "account");

describe.each(plans)("with an account for each attempt", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox });
  });
  afterEach(() => subject.close());

  async function run(spec: AttemptSpec): Promise<string> {
    await subject.executor.start(spec);
    await ended(subject.executor, spec);
    return subject.log(spec);
  }
  const uidOf = (spec: AttemptSpec) => readAccount(subject.control(spec)) ?? 0;
  const alive = (uid: number) => allPids().filter((pid) => accountOfProcess(pid) === uid);

  test("what a job made for its owner alone is its user's, in HOME and among the checkpoints, and nobody else's", async () => {
    const made = shellSpec(
      'umask 077; mkdir ~/deep; echo a > ~/deep/key; echo b > "$ML_CHECKPOINT_DIR/state"',
      { attempt: 1 },
    );
    await run(made);
    const again = shellSpec(
      'cat ~/deep/key "$ML_CHECKPOINT_DIR/state"; echo c >> ~/deep/key; id -u',
      { attempt: 2 },
    );
    expect(await run(again)).toBe(`a\nb\n${uidOf(again)}\n`);
    expect(uidOf(again)).not.toBe(uidOf(made));
    const { root } = attemptFolder(subject.dataDir, made);
    const stranger = shellSpec(`cat ${subject.dataDir}/homes/alice/deep/key ${root}/job/work; :`, {
      jobId: 9,
      user: "bob",
      userId: 7,
    });
    expect(await run(stranger)).toMatch(
      /deep\/key: Permission denied\n.*work: Permission denied\n$/,
    );
  });

  test("files that it leaves in the folders of everybody go with it", async () => {
    const left = join(tmpdir(), `fetchml-left-${process.pid}`);
    await run(
      shellSpec(`mkdir /tmp/${left.split("/").at(-1)}; touch /dev/shm/fetchml-left-${process.pid}`),
    );
    expect([existsSync(left), existsSync(`/dev/shm/fetchml-left-${process.pid}`)]).toEqual([
      false,
      false,
    ]);
    rmSync(left, { recursive: true, force: true });
  });

  test("after kill -9 of its supervisor nothing of its account is alive", async () => {
    const spec = shellSpec(
      "setsid sh -c \"trap '' TERM; exec env -i sleep 100000\" & echo ready; while :; do sleep 0.02; done",
    );
    await subject.executor.start(spec);
    await ready(subject, spec);
    expect(alive(uidOf(spec)).length).toBeGreaterThanOrEqual(2);
    process.kill(readSupervisor(subject.control(spec))?.pid ?? 0, "SIGKILL");
    expect((await ended(subject.executor, spec)).outcome.kind).toBe("lost");
    expect(alive(uidOf(spec))).toEqual([]);
  });
});

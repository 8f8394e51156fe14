// A command that is stopped keeps nothing from ending: not itself, not its attempt.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AttemptExec } from "../../domain/attempt-exec.ts";
import { ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import {
  localOptions,
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { findProcess } from "../local/process-identity.ts";
import type { SandboxPlan } from "../sandbox/sandbox-plan.ts";
import { createAttemptExec } from "./attempt-exec.ts";
import { finished, marked, said } from "./command.fixture.ts";

/** Bubblewrap of a box that cannot forbid user namespaces has one of them fewer. */
const plans = (await offeredSandboxes()).flatMap<{ name: string; plan: SandboxPlan }>((plan) =>
  plan.kind === "bubblewrap" && plan.canDisableUserns
    ? [
        { name: "bubblewrap", plan },
        { name: "bubblewrap with one user namespace", plan: { ...plan, canDisableUserns: false } },
      ]
    : [{ name: plan.kind, plan }],
);

describe.each(plans)("a stopped command in $name", ({ plan: sandbox }) => {
  const mark = `6${process.pid}00000`;
  let subject: LocalSubject;
  let exec: AttemptExec;

  beforeEach(async () => {
    subject = await localSubject({ sandbox });
    const local = { ...localOptions(subject.dataDir), sandbox };
    exec = createAttemptExec({ local, executor: subject.executor });
  });
  afterEach(async () => {
    await exec.close();
    await subject.close();
  });

  /** A command beside a job; it has stopped, and so has what it has started. */
  async function stopped(job: string) {
    const spec = shellSpec(job);
    await subject.executor.start(spec);
    await ready(subject, spec);
    const text = `sleep ${mark} & echo up; read _; kill -STOP $! $$; echo on`;
    const command = await exec.start(spec, ["sh", "-c", text]);
    await said(command, "up");
    await waitFor("what it starts", () => marked(mark).length === 1);
    await command.write(Buffer.from("\n"));
    await waitFor("the stop", () => marked(mark).every(isStopped));
    return { spec, command };
  }

  test("lets its attempt end by a cancel", async () => {
    const { spec } = await stopped("echo ready; while :; do sleep 0.05; done");
    await subject.executor.cancel(spec, 0);
    expect((await ended(subject.executor, spec)).outcome.kind).toBe("cancelled");
    await waitFor("its end", () => marked(mark).length === 0);
  });

  test("lets its attempt end by itself", async () => {
    const { spec } = await stopped("echo ready; sleep 1");
    expect((await ended(subject.executor, spec)).outcome.kind).toBe("exited");
    await waitFor("its end", () => marked(mark).length === 0);
  });

  test("is ended with whoever asked for it, and gives its place back", async () => {
    const { spec, command } = await stopped("echo ready; while :; do sleep 0.05; done");
    command.close();
    await waitFor("its end", () => marked(mark).length === 0);
    expect(await finished(await exec.start(spec, ["sh", "-c", "exit 4"]))).toMatchObject({
      code: 4,
      stderr: "",
    });
  });

  test("tells its exit code after KILL, and nothing else", async () => {
    const { command } = await stopped("echo ready; while :; do sleep 0.05; done");
    command.signal("KILL");
    expect(await finished(command)).toEqual({ stdout: "", stderr: "", code: 137 });
  });
});

function isStopped(pid: number): boolean {
  return findProcess(pid)?.state === "T";
}

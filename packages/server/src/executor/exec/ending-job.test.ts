// A job that ends leaves no process of a command beside it, and admits no further one.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AttemptExec } from "../../domain/attempt-exec.ts";
import { ended, ready, shellSpec } from "../attempt.fixture.ts";
import {
  localOptions,
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { argumentsOf, findProcess } from "../local/process-identity.ts";
import { createAttemptExec } from "./attempt-exec.ts";
import { finished, marked } from "./command.fixture.ts";

const plans = await offeredSandboxes();

describe.each(plans)("the end of a job in $kind", (sandbox) => {
  const mark = `9${process.pid}00000`;
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

  async function begun(shell: string, fields = {}) {
    const spec = shellSpec(shell, fields);
    await subject.executor.start(spec);
    await ready(subject, spec);
    return spec;
  }

  /** What commands have left, without what starts and minds them. */
  const left = () => marked(mark).filter((pid) => argumentsOf(pid)[0] === "sleep");

  test("refuses a command as soon as its main process has ended", async () => {
    const spec = await begun("echo ready; while :; do sleep 0.05; done");
    writeFileSync(join(subject.control(spec), "closing"), "closing\n");
    expect(await exec.start(spec, ["true"]).catch((error: unknown) => error)).toMatchObject({
      code: "conflict",
    });
  });

  test.skipIf(sandbox.kind === "none")(
    "leaves nothing that commands start around it, whatever session that has",
    async () => {
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        const spec = await begun("echo ready; sleep 0.3", { attempt });
        const hammer = async () => {
          for (;;) {
            const command = await exec
              .start(spec, ["setsid", "-f", "sleep", mark])
              .catch((error: unknown) => error);
            if (command instanceof Error) {
              if ("code" in command && command.code === "conflict") return;
              throw command;
            }
            await finished(command as Awaited<ReturnType<AttemptExec["start"]>>);
          }
        };
        const hammers = [hammer(), hammer(), hammer()];
        expect((await ended(subject.executor, spec)).outcome.kind).toBe("exited");
        expect(left()).toEqual([]);
        await Promise.all(hammers);
        expect(left()).toEqual([]);
      }
    },
    60_000,
  );

  test.skipIf(sandbox.kind !== "account")(
    "waits for a command that root is still starting, and ends what it starts",
    async () => {
      const spec = await begun("id -u; echo ready; until [ -e go ]; do sleep 0.02; done");
      const uid = (await subject.log(spec)).split("\n").find((line) => /^\d+$/.test(line)) ?? "";
      const control = subject.control(spec);
      const late = `until [ -e closing ]; do sleep 0.01; done; sleep 1; setpriv --reuid ${uid} --regid ${uid} --clear-groups setsid -f sleep ${mark}`;
      const child = Bun.spawn({ cmd: ["sh", "-c", late], cwd: control });
      const startTicks = findProcess(child.pid)?.startTicks ?? 0;
      writeFileSync(join(control, `beside.${child.pid}`), `${child.pid} ${startTicks}\n`);
      await finished(await exec.start(spec, ["touch", "go"]));
      await ended(subject.executor, spec);
      // The sweep may come before its program, or after.
      expect([0, 137]).toContain(child.exitCode ?? -1);
      expect(left()).toEqual([]);
    },
  );

  test.skipIf(sandbox.kind !== "account")(
    "lets commands run again when it was that of a setup",
    async () => {
      const spec = await begun("echo ready; while :; do sleep 0.05; done", {
        setup: { shell: "true", keyHash: null },
      });
      expect(await finished(await exec.start(spec, ["echo", "on"]))).toMatchObject({
        stdout: "on\n",
      });
    },
  );
});

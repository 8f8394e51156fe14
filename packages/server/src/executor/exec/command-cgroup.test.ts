// Where its attempt has a cgroup, nothing that a command has started outlives it, whatever session that has.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { AttemptExec } from "../../domain/attempt-exec.ts";
import { ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import {
  localOptions,
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { createAttemptExec } from "./attempt-exec.ts";
import { finished, marked, said } from "./command.fixture.ts";

const cgroups = writableCgroups();
const plans = await offeredSandboxes();

describe.skipIf(cgroups === null).each(plans)("a command in $kind with a cgroup", (sandbox) => {
  const mark = `5${process.pid}00000`;
  const job = shellSpec("echo ready; while :; do sleep 0.05; done");
  let subject: LocalSubject;
  let exec: AttemptExec;
  let cgroup: string;

  beforeEach(async () => {
    subject = await localSubject({ sandbox });
    const local = { ...localOptions(subject.dataDir), sandbox };
    exec = createAttemptExec({ local, executor: subject.executor });
    cgroup = mkdtempSync(join(cgroups ?? "", "fetchml-exec-"));
    await subject.executor.start(job);
    await ready(subject, job);
    writeFileSync(join(subject.control(job), "cgroup"), `max 40 1 ${cgroup}\n`);
  });
  afterEach(async () => {
    await exec.close();
    await subject.close();
    rmdirSync(cgroup);
  });

  const inside = () =>
    readdirSync(cgroup, { withFileTypes: true }).filter((each) => each.isDirectory());

  test("is in one of its own, which goes with it", async () => {
    const command = await exec.start(job, ["sh", "-c", "echo up; read _; exit 3"]);
    await said(command, "up");
    expect(inside()).toHaveLength(1);
    await command.write(Buffer.from("\n"));
    expect(await finished(command)).toMatchObject({ code: 3 });
    expect(inside()).toEqual([]);
  });

  test("takes with it what has left its session", async () => {
    const left = `setsid -f sh -c "trap '' TERM; sleep ${mark}; :"; echo up`;
    const first = await exec.start(job, ["sh", "-c", left]);
    await finished(first);
    expect(marked(mark)).toEqual([]);
    const second = await exec.start(job, ["sh", "-c", `${left}; sleep 1000`]);
    await said(second, "up");
    await waitFor("what it starts", () => marked(mark).length === 1);
    second.close();
    await waitFor("its end", () => marked(mark).length === 0 && inside().length === 0);
  });
});

/** A folder of the cgroup tree in which one may be made; `null` where there is none, as for most that are not root. */
function writableCgroups(): string | null {
  const line = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .find((each) => each.split(" ")[2] === "cgroup2");
  const root = line?.split(" ")[1];
  const own = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  if (root === undefined || own === undefined) return null;
  const folder = join(root, own);
  const probe = join(folder, `fetchml-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return folder;
  } catch {
    return null;
  }
}

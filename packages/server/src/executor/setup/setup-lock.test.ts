// The lock of a kept setup goes with it, and an attempt that waited for it holds the next one.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import {
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { listKeptSetups, removeKeptSetup } from "./kept-setups.ts";

const PATH = "/usr/local/bin:/usr/bin:/bin";
const offered = await offeredSandboxes();

describe.each(offered.filter(({ kind }) => kind === "bubblewrap"))("with $kind", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox });
  });
  afterEach(() => subject.close());

  const specOf = (jobId: number, shell: string) =>
    shellSpec(shell, { jobId, setup: { command: "echo made > tool", key: null } });

  test("an attempt that waited while the lock itself was removed holds the next one", async () => {
    const maker = specOf(1, "true");
    await subject.executor.start(maker);
    expect((await ended(subject.executor, maker)).outcome).toEqual({
      kind: "exited",
      exit_code: 0,
    });
    const [kept] = await listKeptSetups(subject.dataDir);
    if (kept === undefined) throw new Error("nothing was kept");
    const lock = `${kept.path}.lock`;
    const work = 'echo held; cat; rm -- "$1"';
    const collection = Bun.spawn(["flock", "--exclusive", lock, "sh", "-c", work, "sh", lock], {
      stdin: "pipe",
      stdout: "pipe",
    });
    await collection.stdout.getReader().read();
    const user = specOf(2, "echo ready; exec sleep 1000");
    await subject.executor.start(user);
    await waitFor("the wait", async () =>
      (await subject.log(user)).includes("waiting for another job"),
    );
    await collection.stdin.end();
    await ready(subject, user);
    expect(await removeKeptSetup(kept, PATH)).toBe(false);
    expect(existsSync(kept.path)).toBe(true);
    await subject.executor.cancel(user, 0);
    await ended(subject.executor, user);
  });
});

// What a setup makes is kept and given to later attempts, where a sandbox gives every attempt the same paths.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { ended, ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { readSupervisor } from "../local/attempt-records.ts";
import {
  localSubject,
  type LocalSubject,
  offeredSandboxes,
} from "../local/local-executor.fixture.ts";
import { listKeptSetups, removeKeptSetup } from "./kept-setups.ts";
import { namedCheckout } from "./named-checkout.fixture.ts";

const PATH = "/usr/local/bin:/usr/bin:/bin";
const offered = await offeredSandboxes();

describe.each(offered.filter(({ kind }) => kind === "bubblewrap"))("with $kind", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox, checkout: namedCheckout });
  });
  afterEach(() => subject.close());

  let lastJob = 0;
  function specOf(setup: string, shell: string, fields: Partial<AttemptSpec> = {}): AttemptSpec {
    lastJob += 1;
    return shellSpec(shell, {
      jobId: lastJob,
      snapshot: "uv.lock=1 train.py=1",
      setup: { command: setup, key: ["uv.lock"] },
      ...fields,
    });
  }
  async function run(spec: AttemptSpec): Promise<readonly [string, string]> {
    await subject.executor.start(spec);
    const { outcome } = await ended(subject.executor, spec);
    return [
      "exit_code" in outcome ? `${outcome.kind} ${outcome.exit_code}` : outcome.kind,
      await subject.log(spec),
    ];
  }
  const keptOf = (user: string) =>
    readdirSync(join(subject.dataDir, "setups", user)).filter((name) => !name.endsWith(".lock"));

  const SETUP =
    "echo running; mkdir -p .venv/bin sub/deep; echo made > .venv/bin/tool; echo $PWD > sub/deep/place";
  const LOOK = "cat .venv/bin/tool sub/deep/place; ls -A";

  test("a setup runs in the project's root before the command, and its log is the attempt's", async () => {
    const [outcome, log] = await run(specOf(SETUP, LOOK, { cwd: "" }));
    expect(outcome).toBe("exited 0");
    expect(log).toMatch(
      /^fetchml: setup: echo running.*\nrunning\nfetchml: setup done in \d+\.\d s\nmade\n\/job\/work\n\.venv\nsub\ntrain\.py\nuv\.lock\n$/,
    );
  });

  test("what it made is given to later attempts, and it runs once for all that are alike", async () => {
    await run(specOf(SETUP, LOOK));
    const [outcome, log] = await run(
      specOf(SETUP, LOOK, { snapshot: "uv.lock=1 train.py=2 more=3" }),
    );
    expect(outcome).toBe("exited 0");
    expect(log).toMatch(/^fetchml: setup kept from an earlier job: .*\nmade\n\/job\/work\n/);
    expect(log).not.toContain("\nrunning");
    expect(keptOf("alice")).toHaveLength(1);
  });

  test.each([
    ["another command", { setup: { command: `${SETUP}; :`, key: ["uv.lock"] } }],
    ["another key file", { snapshot: "uv.lock=2 train.py=1" }],
    ["another user", { user: "bob", userId: 2 }],
    ["a key file more", { setup: { command: SETUP, key: ["uv.lock", "train.py"] } }],
  ])("it runs anew for %s", async (_what, fields) => {
    await run(specOf(SETUP, "true"));
    const [, log] = await run(specOf(SETUP, "true", fields));
    expect(log).toContain("\nrunning\n");
  });

  test("without a key, the files that name dependencies count, and where there are none the whole project", async () => {
    const setup = { command: SETUP, key: null };
    await run(specOf("", "true", { setup }));
    expect(
      (await run(specOf("", "true", { setup, snapshot: "uv.lock=1 train.py=2" })))[1],
    ).not.toContain("\nrunning");
    expect(
      (await run(specOf("", "true", { setup, snapshot: "uv.lock=2 train.py=2" })))[1],
    ).toContain("\nrunning");
    await run(specOf("", "true", { setup, snapshot: "a=1" }));
    expect((await run(specOf("", "true", { setup, snapshot: "a=2" })))[1]).toContain("\nrunning");
  });

  test.each(["requirments.txt", "*.lock", "../work/uv.lock", "/etc/passwd", "uv.lock/x"])(
    "a key that names %p, which the project does not have, keeps the attempt from starting and says so",
    async (path) => {
      const spec = specOf(SETUP, LOOK, { setup: { command: SETUP, key: ["uv.lock", path] } });
      await subject.executor.start(spec);
      const { outcome } = await ended(subject.executor, spec);
      expect(outcome).toEqual({
        kind: "failed-to-start",
        message: expect.stringContaining(`setup_key names ${JSON.stringify(path)}, which`),
      });
    },
  );

  test("a key may be a folder, with all below it, or the whole project", async () => {
    const isNew = async (key: string, snapshot: string): Promise<boolean> => {
      const setup = { command: `: ${key}; ${SETUP}`, key: [key] };
      return (await run(specOf("", "true", { setup, snapshot })))[1].includes("\nrunning");
    };
    expect(await isNew("deps/", "deps/in/a=1 b=1")).toBe(true);
    expect(await isNew("deps/", "deps/in/a=1 b=2")).toBe(false);
    expect(await isNew("deps/", "deps/in/a=2 b=2")).toBe(true);
    expect(await isNew("./", "a=1 b=1")).toBe(true);
    expect(await isNew("./", "a=1 b=1")).toBe(false);
    expect(await isNew("./", "a=1 b=2")).toBe(true);
  });

  test("a key that is a link counts with what it leads to", async () => {
    const isNew = async (snapshot: string): Promise<boolean> => {
      const setup = { command: SETUP, key: ["lock"] };
      return (await run(specOf("", "true", { setup, snapshot })))[1].includes("\nrunning");
    };
    expect(await isNew("uv.lock=1 lock=@uv.lock")).toBe(true);
    expect(await isNew("uv.lock=1 lock=@uv.lock more=1")).toBe(false);
    expect(await isNew("uv.lock=2 lock=@uv.lock")).toBe(true);
  });

  test("a setup that fails ends the attempt as setup, the command does not run, and nothing is kept", async () => {
    const [outcome, log] = await run(specOf(`${SETUP}; exit 3`, "echo ran"));
    expect(outcome).toBe("setup 3");
    expect(log).toMatch(
      /running\nfetchml: setup failed after \d+\.\d s with exit code 3; the command does not run\n$/,
    );
    expect(keptOf("alice")).toEqual([]);
    expect((await run(specOf(`${SETUP}; exit 3`, "echo ran")))[0]).toBe("setup 3");
  });

  test("a job cannot change what is kept, neither the one that made it nor a later one", async () => {
    const harm =
      "echo harm > .venv/bin/tool; echo harm > .venv/new; rm -rf .venv; chmod -R 777 .venv; cat .venv/bin/tool";
    expect((await run(specOf(SETUP, harm)))[1]).toEndWith("\nmade\n");
    expect((await run(specOf(SETUP, harm)))[1]).toEndWith("\nmade\n");
    const [, log] = await run(
      specOf(
        "echo made > tool; ln -f tool train.py",
        "echo harm > train.py; echo harm > tool; cat tool",
      ),
    );
    expect(log).toContain("not kept");
    expect(keptOf("alice")).toHaveLength(1);
  });

  test("a link that a setup makes leads where it leads for the job, not where it leads outside", async () => {
    const setup =
      "ln -s /etc/hostname name; ln -s /root secret; mkdir real; ln -s real alias; echo x > real/file";
    for (let time = 0; time < 2; time += 1) {
      const [outcome, log] = await run(
        specOf(setup, "readlink name secret; ls -A secret/; cat alias/file"),
      );
      expect([outcome, log]).toEqual([
        "exited 0",
        expect.stringMatching(/\n\/etc\/hostname\n\/root\nx\n$/),
      ]);
    }
  });

  test("of several at once one runs the setup and the others wait for it", async () => {
    const specs = [1, 2, 3].map(() =>
      specOf("echo once >> ~/count; sleep 0.5; echo made > tool", "cat tool ~/count"),
    );
    const ends = await Promise.all(specs.map(run));
    expect(ends.map(([outcome]) => outcome)).toEqual(["exited 0", "exited 0", "exited 0"]);
    for (const [, log] of ends) expect(log).toEndWith("made\nonce\n");
  });

  test("a supervisor that dies in the middle leaves nothing half kept, and the next attempt makes it anew", async () => {
    const spec = specOf("mkdir .venv; echo half > .venv/half; echo ready; sleep 1000", "true");
    await subject.executor.start(spec);
    await ready(subject, spec, "\nready\n");
    process.kill(readSupervisor(subject.control(spec))?.pid ?? 0, "SIGKILL");
    expect((await ended(subject.executor, spec)).outcome.kind).toBe("lost");
    expect(keptOf("alice")).toEqual([]);
    // As from a crash between making and renaming.
    const again = specOf("mkdir .venv; echo whole > .venv/half; echo running", "cat .venv/half");
    await run(again);
    const name = keptOf("alice")[0] ?? "";
    mkdirSync(join(subject.dataDir, "setups/alice", `${name}.new`));
    expect((await run({ ...again, jobId: 900 }))[1]).toEndWith("whole\n");
  });

  test("a cancel and a time limit end a setup, and one that waits for another", async () => {
    const setup = "echo ready; sleep 1000";
    const first = specOf(setup, "true");
    await subject.executor.start(first);
    await ready(subject, first, "\nready\n");
    const waiting = specOf(setup, "true");
    await subject.executor.start(waiting);
    await waitFor("the wait", async () =>
      (await subject.log(waiting)).includes("waiting for another job"),
    );
    await subject.executor.cancel(waiting, 15_000);
    expect((await ended(subject.executor, waiting)).outcome.kind).toBe("cancelled");
    await subject.executor.cancel(first, 15_000);
    expect((await ended(subject.executor, first)).outcome).toEqual({
      kind: "cancelled",
      exit_code: 143,
    });
    expect(await run(specOf(setup, "true", { timeoutMs: 700 }))).toEqual([
      "timed-out",
      expect.any(String),
    ]);
    expect(keptOf("alice")).toEqual([]);
  });

  test("kept setups are listed by last use, and removed only while nobody uses them", async () => {
    const user = specOf(SETUP, "echo ready; exec sleep 1000");
    await subject.executor.start(user);
    await ready(subject, user);
    await run(specOf("echo other > thing", "true"));
    const [used, other, ...rest] = await listKeptSetups(subject.dataDir);
    if (used === undefined || other === undefined) throw new Error("two setups were kept");
    expect([used.user, rest.length, used.usedAt <= other.usedAt]).toEqual(["alice", 0, true]);
    expect(await removeKeptSetup(used, PATH)).toBe(false);
    expect(await removeKeptSetup(other, PATH)).toBe(true);
    expect([existsSync(used.path), existsSync(other.path)]).toEqual([true, false]);
    await subject.executor.cancel(user, 0);
    await ended(subject.executor, user);
    expect(await removeKeptSetup(used, PATH)).toBe(true);
    expect(readdirSync(join(subject.dataDir, "setups/alice"))).toEqual([]);
  });
});

describe.each(offered.filter(({ kind }) => kind !== "bubblewrap"))(
  "with sandbox $kind",
  (sandbox) => {
    test("a setup runs for each attempt, in its own folder, and its failure is told as such", async () => {
      const subject = await localSubject({ sandbox, checkout: namedCheckout });
      const setup = { command: "echo running; touch made", key: ["a"] };
      for (const jobId of [1, 2]) {
        const spec = shellSpec("ls", { jobId, snapshot: "a=1", setup });
        await subject.executor.start(spec);
        expect((await ended(subject.executor, spec)).outcome).toEqual({
          kind: "exited",
          exit_code: 0,
        });
        expect(await subject.log(spec)).toMatch(
          /^fetchml: setup: .*\nrunning\nfetchml: setup done in .*\nfetchml: .* not kept, and so it runs for each attempt: .*\na\nmade\n$/,
        );
        expect(existsSync(join(attemptFolder(subject.dataDir, spec).work, "made"))).toBe(true);
      }
      const failing = shellSpec("echo ran", {
        jobId: 3,
        setup: { command: "kill -9 $$", key: null },
      });
      await subject.executor.start(failing);
      expect((await ended(subject.executor, failing)).outcome).toEqual({
        kind: "setup",
        exit_code: 137,
      });
      expect(await subject.log(failing)).not.toContain("ran\n");
      await subject.close();
    });
  },
);

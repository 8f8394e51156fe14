// What every executor must do when it starts attempts and tells of them.
import { expect, test } from "bun:test";
import type { AttemptSpec } from "../domain/attempt-spec.ts";
import {
  attemptSpec,
  type ConformanceSubject,
  ended,
  observeOne,
  ready,
  shellSpec,
  waitFor,
} from "./attempt.fixture.ts";

/** Defines the tests; the subject is a fresh one in each. */
export function testStarts(subject: () => ConformanceSubject): void {
  /** Starts an attempt and waits for its end. */
  async function run(spec: AttemptSpec) {
    await subject().executor.start(spec);
    return ended(subject().executor, spec);
  }

  test.each([0, 3, 137])(
    "start() runs a command, and its exit code %d comes back",
    async (code) => {
      const before = Date.now();
      const end = await run(shellSpec(`echo hello; exit ${code}`));
      expect(end.outcome).toEqual({ kind: "exited", exit_code: code });
      expect(end.endedAt).toBeGreaterThanOrEqual(before - 20);
      expect(await subject().log(attemptSpec())).toBe("hello\n");
    },
  );

  test("observe() answers unknown for an attempt that nobody started, in the order asked", async () => {
    const known = attemptSpec();
    await run(known);
    const observations = await subject().executor.observe([{ jobId: 1, attempt: 1 }, known]);
    expect(observations.map(({ kind }) => kind)).toEqual(["unknown", "ended"]);
  });

  test("start() of an attempt that was started does nothing", async () => {
    const spec = shellSpec("echo once");
    await subject().executor.start(spec);
    await subject().executor.start(spec);
    await ended(subject().executor, spec);
    await subject().executor.start(spec);
    await subject().another().start(spec);
    expect(await subject().log(spec)).toBe("once\n");
  });

  test("start() by several at the same time ends in one run", async () => {
    const executors = [subject().executor, subject().another(), subject().another()];
    const specs = Array.from({ length: 8 }, (_, at) => shellSpec("echo once", { jobId: at + 1 }));
    await Promise.all(specs.flatMap((spec) => executors.map((executor) => executor.start(spec))));
    for (const spec of specs) {
      const { outcome } = await ended(subject().executor, spec);
      expect(outcome).toEqual({ kind: "exited", exit_code: 0 });
      expect(await subject().log(spec)).toBe("once\n");
    }
  });

  test("an array command runs as it is, and a string gets its arguments as they are", async () => {
    const argv = ["printf", "%s|", "a b", "$HOME", "'", ""];
    await run(attemptSpec({ jobId: 1, command: { argv } }));
    expect(await subject().log({ jobId: 1, attempt: 2 })).toBe("a b|$HOME|'||");
    const args = ["a b", "$HOME", "`id`", '"'];
    await run(attemptSpec({ jobId: 2, command: { shell: "printf '%s|'", args } }));
    expect(await subject().log({ jobId: 2, attempt: 2 })).toBe('a b|$HOME|`id`|"|');
  });

  test("a command that does not exist exits with 127 and says so in the log", async () => {
    const { outcome } = await run(attemptSpec({ command: { argv: ["no-such-command-here"] } }));
    expect(outcome).toEqual({ kind: "exited", exit_code: 127 });
    expect(await subject().log(attemptSpec())).toContain("no-such-command-here");
  });

  test("a running attempt tells when it began, and its end is not before that", async () => {
    const spec = shellSpec("echo ready; exec sleep 1000");
    const before = Date.now();
    await subject().executor.start(spec);
    await ready(subject(), spec);
    const running = await observeOne(subject().executor, spec);
    const startedAt = running.kind === "running" ? running.startedAt : 0;
    expect(startedAt).toBeGreaterThanOrEqual(before - 20);
    await subject().executor.cancel(spec, 0);
    expect((await ended(subject().executor, spec)).endedAt).toBeGreaterThanOrEqual(startedAt);
  });

  test("onChange() tells of the beginning and of the end, until it is taken off", async () => {
    const spec = shellSpec("echo ready; exec sleep 1000");
    let told = 0;
    const off = subject().executor.onChange((attempt) => {
      if (attempt.jobId === spec.jobId && attempt.attempt === spec.attempt) told += 1;
    });
    await subject().executor.start(spec);
    await waitFor("news of the beginning", () => told > 0);
    await ready(subject(), spec);
    told = 0;
    await subject().executor.cancel(spec, 0);
    await waitFor("news of the end", () => told > 0);
    await ended(subject().executor, spec);
    off();
    told = 0;
    await run(shellSpec("true", { attempt: 3 }));
    expect(told).toBe(0);
  });

  test("an attempt that cannot be started ends as failed-to-start, which names what is missing", async () => {
    const { outcome } = await run(attemptSpec({ cwd: "no/such/folder" }));
    expect(outcome).toMatchObject({ kind: "failed-to-start" });
    expect(outcome.kind === "failed-to-start" ? outcome.message : "").toContain("no/such/folder");
  });

  test("a job sees what FetchML promises, what it asked for, and nothing else of the server", async () => {
    const spec = attemptSpec({
      command: { argv: ["env", "-0"] },
      env: { EPOCHS: "5", ML_USER: "mallory", HOME: "/", TERM: "vt100" },
      gpuUuids: ["GPU-a", "GPU-b"],
      resume: true,
    });
    process.env["SERVER_SECRET_OF_TEST"] = "secret";
    await run(spec);
    delete process.env["SERVER_SECRET_OF_TEST"];
    const log = await subject().log(spec);
    const seen = new Map(
      log.split("\0").map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]),
    );
    expect(Object.fromEntries(seen)).toMatchObject({
      EPOCHS: "5",
      TERM: "vt100",
      USER: "alice",
      ML_USER: "alice",
      ML_JOB_ID: "12",
      ML_JOB_NAME: "digits",
      ML_ATTEMPT: "2",
      ML_RESUME: "1",
      CUDA_VISIBLE_DEVICES: "GPU-a,GPU-b",
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      PYTHONUNBUFFERED: "1",
      COLUMNS: "120",
    });
    expect(seen.get("HOME")).not.toBe("/");
    expect(log).not.toContain("SERVER_SECRET_OF_TEST");
  });

  test("a job finds its folders: outputs, checkpoints kept between attempts, home kept between jobs", async () => {
    const write = 'echo x > "$ML_OUTPUT_DIR/o"; echo c > "$ML_CHECKPOINT_DIR/c"; echo h > ~/h';
    await run(shellSpec(`${write}; pwd; ls -A`));
    const look = 'cat "$ML_CHECKPOINT_DIR/c" ~/h; ls -A "$ML_OUTPUT_DIR"';
    await run(shellSpec(look, { attempt: 3 }));
    expect(await subject().log({ jobId: 12, attempt: 3 })).toBe("c\nh\n");
    expect((await subject().log(attemptSpec())).trim().split("\n")).toHaveLength(1);
  });
}

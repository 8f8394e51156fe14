// Tests of a second Ctrl-C in `ml queue` and `ml run`, while the first is being heeded: it ends them at once.
import { describe, expect, test } from "bun:test";
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { sampleJob, VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const MAIN = join(import.meta.dir, "..", "main.ts");
const SIGINT_BIT = 1n << 1n;

const never = new Promise<never>(() => undefined);

// What /proc tells of signals is told by Linux alone.
describe.skipIf(process.platform !== "linux")("a second Ctrl-C", () => {
  test.each(["queue", "run"])("ends ml %s though no word of it can be written", async (verb) => {
    const reached = Promise.withResolvers<void>();
    using mute = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: () => reached.resolve() },
    });
    using stderr = openPipe(join(here.bench.home, "stderr"));
    const ml = startMl(verb, { apiUrl: `ws://127.0.0.1:${mute.port}/ws`, stderr });
    await reached.promise;
    await expectEndByTheSecond(ml, stderr);
  });

  test("ends ml run that follows its job though no word of it can be written", async () => {
    const reached = Promise.withResolvers<void>();
    const { apiUrl } = here.serve({
      "job.submit": () => ({ job: sampleJob(), ahead: 1 }),
      "job.why": () => never,
      "log.subscribe": () => {
        setImmediate(reached.resolve);
        const job = sampleJob({ state: "running", reason: null });
        return { subscription: 1, job, attempt: 1, offset: 0 };
      },
    });
    using stderr = openPipe(join(here.bench.home, "stderr"));
    const ml = startMl("run", { apiUrl, stderr });
    await reached.promise;
    await expectEndByTheSecond(ml, stderr);
  });
});

type Ml = Bun.Subprocess<"ignore", "ignore", number>;

function startMl(
  verb: string,
  { apiUrl, stderr }: { readonly apiUrl: string; readonly stderr: Pipe },
): Ml {
  return Bun.spawn([process.execPath, MAIN, verb, "train", "--", "true"], {
    cwd: here.bench.project,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: here.bench.home,
      ML_API_URL: apiUrl,
      ML_API_KEY: VALID_KEY,
    },
    stdio: ["ignore", "ignore", stderr.descriptor],
  });
}

async function expectEndByTheSecond(ml: Ml, stderr: Pipe): Promise<void> {
  await until(() => hears(ml.pid), "Ctrl-C is not listened to");
  stderr.fill();
  ml.kill("SIGINT");
  await until(() => !hears(ml.pid), "the first is not heeded");
  expect(ml.exitCode).toBeNull();
  ml.kill("SIGINT");
  await ml.exited;
  // What a shell calls 130.
  expect(ml.signalCode).toBe("SIGINT");
}

/** A pipe that nobody reads. */
interface Pipe extends Disposable {
  /** Its end to write to: whoever writes to it when it is full waits. */
  readonly descriptor: number;
  /** Writes to it until it takes no byte more. */
  fill(): void;
}

function openPipe(path: string): Pipe {
  expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
  const filler = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const descriptor = openSync(path, constants.O_RDWR);
  return {
    descriptor,
    fill() {
      for (const size of [4096, 1]) writeUntilFull(filler, new Uint8Array(size));
    },
    [Symbol.dispose]() {
      closeSync(filler);
      closeSync(descriptor);
    },
  };
}

function writeUntilFull(descriptor: number, bytes: Uint8Array): void {
  try {
    for (;;) writeSync(descriptor, bytes);
  } catch (error) {
    expect(error).toMatchObject({ code: "EAGAIN" });
  }
}

/** Whether the process has a listener for Ctrl-C. */
function hears(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return (BigInt(`0x${caught}`) & SIGINT_BIT) !== 0n;
}

async function until(isSo: () => boolean, complaint: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(complaint);
    await Bun.sleep(5);
  }
}

// A box with something to steal and somebody to harm, for jobs that try: the server, its files, and another user's running job.
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import type { AttemptLimits } from "../../domain/guard-rules.ts";
import { ended, observeOne, ready, shellSpec } from "../attempt.fixture.ts";
import { accountOfProcess, allPids, findProcess } from "../local/process-identity.ts";
import { localSubject, type LocalSubject } from "../local/local-executor.fixture.ts";
import { findOutputFolder } from "../../outputs/output-folder.ts";
import { openOutput } from "../../outputs/output-file.ts";
import type { SandboxPlan } from "../sandbox/sandbox-plan.ts";
import type { HostileJob } from "./hostile-jobs.ts";

/** What no job of alice's may ever see. */
export const SECRET = "jewels-of-the-box";

/** A box, and what a hostile job on it is told: it knows all paths and pids. */
export interface HostileBox {
  readonly subject: LocalSubject;
  readonly serverPid: number;
  readonly bobPid: () => number;
  /** Runs a line of shell as a job of alice's; `$DATA`, `$SERVER` and `$BOB` name the data folder and the two pids. */
  run(
    shell: string,
    options?: Pick<HostileJob, "env" | "cancelMs" | "memBytes">,
  ): Promise<HostileEnd>;
  /** Whether everybody but the hostile job is as before. */
  isUnharmed(): Promise<boolean>;
  close(): Promise<void>;
}

/** How a hostile job ended. */
export interface HostileEnd {
  readonly outcome: string;
  readonly log: string;
  /** What the log takes on disk, in bytes. */
  readonly logOnDisk: number;
  /** The contents of the outputs that are given to those who may have them. */
  readonly given: string;
  /** Pids of living processes that carry the job's mark or its account. */
  readonly left: readonly number[];
  readonly spec: AttemptSpec;
}

const BOB = shellSpec(
  `echo ${SECRET} > ~/treasure; echo ${SECRET} | tee treasure "$ML_OUTPUT_DIR/treasure" "$ML_CHECKPOINT_DIR/treasure" >/dev/null
   echo ready; while :; do sleep 0.2; done`,
  { jobId: 1, attempt: 1, user: "bob", userId: 2 },
);

/**
 * Opens a box with a sandbox. The test process is its server: with a secret in its environment, listening on its socket.
 *
 * @param cgroups in which attempts get a cgroup each; `null`: they get none.
 */
export async function openHostileBox(
  sandbox: SandboxPlan,
  cgroups: string | null,
): Promise<HostileBox> {
  const subject = await localSubject({
    sandbox,
    cgroups,
    guardPace: { lookMs: 50, measureMs: 100 },
  });
  const { dataDir, executor } = subject;
  writeFileSync(join(dataDir, "fetchml.db"), SECRET, { mode: 0o600 });
  const server = Bun.spawn({
    cmd: ["sleep", "100000"],
    env: { SERVER_KEY: SECRET },
    detached: true,
  });
  const socket = await listen(join(dataDir, "fetchml.sock"));
  await executor.start(BOB);
  await ready(subject, BOB);
  const bobPid = () =>
    Number(readFileSync(join(subject.control(BOB), "job"), "utf8").split(" ")[0]);
  let lastJob = 100;
  const box: HostileBox = {
    subject,
    serverPid: server.pid,
    bobPid,
    async run(shell, options = {}) {
      lastJob += 1;
      const mark = `hostile-${lastJob}-of-${dataDir}`;
      const env = {
        DATA: dataDir,
        SERVER: `${server.pid}`,
        BOB: `${bobPid()}`,
        MARK: mark,
        ...options.env,
      };
      const { memBytes = 0 } = options;
      const spec = shellSpec(shell, { jobId: lastJob, attempt: 1, env, memBytes, limits: LIMITS });
      await executor.start(spec);
      if (options.cancelMs !== undefined) {
        await ready(subject, spec);
        await executor.cancel(spec, options.cancelMs);
      }
      const { outcome } = await ended(executor, spec);
      const said = "exit_code" in outcome ? `${outcome.kind} ${outcome.exit_code}` : outcome.kind;
      return {
        outcome: said,
        log: await subject.log(spec),
        logOnDisk: statSync(attemptFolder(dataDir, spec).log).blocks * 512,
        given: await givenOf(attemptFolder(dataDir, spec).outputs),
        left: leftOf(mark, subject, spec),
        spec,
      };
    },
    async isUnharmed() {
      return (
        findProcess(server.pid) !== null &&
        (await observeOne(executor, BOB)).kind === "running" &&
        findProcess(bobPid()) !== null &&
        readFileSync(join(dataDir, "fetchml.db"), "utf8") === SECRET
      );
    },
    async close() {
      server.kill("SIGKILL");
      await server.exited;
      socket.close();
      await subject.close();
    },
  };
  return box;
}

/** As a pull gets them. */
async function givenOf(outputs: string): Promise<string> {
  const folder = findOutputFolder(outputs);
  if (folder === null) return "";
  const texts = readdirSync(outputs).map(async (name) => {
    const file = await openOutput(folder, name, Date.now());
    if (typeof file === "string") return file;
    const text = await file.handle.readFile("utf8");
    await file.close();
    return text;
  });
  return (await Promise.all(texts)).join("\n");
}

/** What the log of a hostile job may take, with the edges of its cut. */
export const MOST_LOG_BYTES = 4 * 1024 ** 2 + 131_072;

/** Enough for what the tests do, and few enough for a fork bomb to be cheap. */
const LIMITS: AttemptLimits = {
  noOutputMs: null,
  maxLogBytes: 4 * 1024 ** 2,
  maxDiskBytes: 16 * 1024 ** 2,
  processes: 200,
};

function leftOf(mark: string, subject: LocalSubject, spec: AttemptSpec): readonly number[] {
  const uid = Number(readText(join(subject.control(spec), "account")) || Number.NaN);
  return allPids().filter(
    (pid) =>
      findProcess(pid) !== null &&
      (readText(`/proc/${pid}/environ`).includes(mark) || accountOfProcess(pid) === uid),
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.end(SECRET));
  return new Promise((resolve) => {
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

// A local executor in a temporary data folder, for tests, with each sandbox that the machine offers.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import type { Executor } from "../executor.ts";
import { type ConformanceSubject, ended, waitFor } from "../attempt.fixture.ts";
import { proveSandbox } from "../sandbox/prove-sandbox.ts";
import type { SandboxPlan } from "../sandbox/sandbox-plan.ts";
import { openSecrets } from "../../secrets/secrets.ts";
import { createLocalExecutor, type LocalExecutorOptions } from "./local-executor.ts";
import { allPids, findProcess } from "./process-identity.ts";

/** A local executor under test, with its data folder. */
export interface LocalSubject extends ConformanceSubject {
  readonly dataDir: string;
  control(attempt: AttemptKey): string;
}

const PATH = "/usr/local/bin:/usr/bin:/bin";

/** Accounts for jobs of tests that run as root; far from those of a server on the same machine. */
export const TEST_UIDS = { first: 1_900_100_000, count: 100 };

/** Options of an executor in a data folder; nothing is checked out. */
export function localOptions(dataDir: string): LocalExecutorOptions {
  return {
    dataDir,
    capacity: { cpus: 2, memBytes: 1_000_000_000, gpus: [] },
    checkout: () => Promise.resolve(),
    baseEnv: { PATH, LANG: "C.UTF-8" },
    sandbox: { kind: "none" },
    cgroups: null,
    mounts: [],
    guardPace: { lookMs: 50, measureMs: 100 },
    secrets: openSecrets(join(dataDir, "secrets")),
  };
}

/**
 * Every sandbox that works on this machine for this account; `none` is always among them.
 *
 * @throws Error where all must be there and bubblewrap does not work.
 */
export async function offeredSandboxes(): Promise<readonly SandboxPlan[]> {
  const asked = ["none", "bubblewrap", "account"] as const;
  const plans = await Promise.all(
    asked.map((each) =>
      proveSandbox({ asked: each, path: PATH, uids: TEST_UIDS, dataDir: tmpdir() }).catch(
        () => null,
      ),
    ),
  );
  const offered = plans.filter((plan) => plan !== null);
  const isWalled = offered.some(({ kind }) => kind === "bubblewrap");
  if (!isWalled && process.env["FETCHML_REQUIRE_SYSTEM"] === "1") {
    throw new Error("bubblewrap does not work here: run scripts/install-system-packages.sh");
  }
  return offered;
}

/** Makes a data folder and an executor in it. `close()` fails when a process of it is left. */
export async function localSubject(
  options: Partial<LocalExecutorOptions> = {},
): Promise<LocalSubject> {
  const root = mkdtempSync(join(tmpdir(), "fetchml-executor-"));
  // The accounts of jobs pass through to their folders.
  chmodSync(root, 0o711);
  const dataDir = join(root, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  const create = () => createLocalExecutor({ ...localOptions(dataDir), ...options });
  const executors: Executor[] = [create()];
  const another = () => {
    const executor = create();
    executors.push(executor);
    return executor;
  };
  const executor = executors[0] ?? another();
  return {
    dataDir,
    executor,
    another,
    control: (attempt) => attemptFolder(dataDir, attempt).control,
    log: async (attempt) => readLogFile(attemptFolder(dataDir, attempt).log),
    async close() {
      const last = another();
      for (const attempt of await last.alive()) {
        await last.cancel(attempt, 0);
        await ended(last, attempt);
      }
      await Promise.all(executors.map((each) => each.close()));
      await waitFor("the end of all processes", () => processesOf(dataDir).length === 0);
      rmSync(root, { recursive: true });
    },
  };
}

/** Pids of living processes that were started with a path in the data folder, or that have it in their environment. */
export function processesOf(dataDir: string): number[] {
  const mentions = (path: string) => readLogFile(path).includes(dataDir);
  return allPids().filter(
    (pid) =>
      findProcess(pid) !== null &&
      (mentions(`/proc/${pid}/cmdline`) || mentions(`/proc/${pid}/environ`)),
  );
}

function readLogFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

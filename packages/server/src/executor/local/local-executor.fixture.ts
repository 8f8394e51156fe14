// A local executor in a temporary data folder, for tests.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import type { Executor } from "../executor.ts";
import { type ConformanceSubject, ended, waitFor } from "../attempt.fixture.ts";
import { createLocalExecutor, type LocalExecutorOptions } from "./local-executor.ts";
import { allPids, findProcess } from "./process-identity.ts";

/** A local executor under test, with its data folder. */
export interface LocalSubject extends ConformanceSubject {
  readonly dataDir: string;
  control(attempt: AttemptKey): string;
}

/** Options of an executor in a data folder; nothing is checked out. */
export function localOptions(dataDir: string): LocalExecutorOptions {
  return {
    dataDir,
    capacity: { cpus: 2, memBytes: 1_000_000_000, gpus: [] },
    checkout: () => Promise.resolve(),
    baseEnv: { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8" },
  };
}

/** Makes a data folder and an executor in it. `close()` fails when a process of it is left. */
export async function localSubject(
  options: Partial<LocalExecutorOptions> = {},
): Promise<LocalSubject> {
  const dataDir = mkdtempSync(join(tmpdir(), "fetchml-executor-"));
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
      rmSync(dataDir, { recursive: true });
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

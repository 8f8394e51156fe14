// Starts the processes that outlive the server: the supervisor of an attempt, and its watchdog.
import { closeSync } from "node:fs";
import type { JobOwner } from "../sandbox/sandbox-plan.ts";
import { readControl } from "./control-files.ts";
import { openLogPipe } from "./log-pipe.ts";
import { allPids, argumentsOf, isAlive, sendSignal } from "./process-identity.ts";
import { readWatchdog } from "./attempt-records.ts";
import { type ShellPrograms, SUPERVISOR_ENDING } from "./shell-programs.ts";

const SHELL = "/bin/sh";

/** What starting a supervisor takes. */
export interface Supervision {
  readonly control: string;
  /** Of the data folder, as `placeOf()` tells it. */
  readonly place: string;
  /** Bytes that its log may take on disk; `null`: any. */
  readonly maxLogBytes: number | null;
  /** The launcher's arguments and the job's command. */
  readonly launch: readonly string[];
  /** File descriptor of the file with the job's variables. */
  readonly variables: number;
  /** Whom the pipe of its log is to belong to; missing or `null`: the server. */
  readonly logOwner?: JobOwner | null;
  /** Where the supervisor finds `setsid`, `cat` and `sleep`. */
  readonly path: string;
}

/**
 * Starts a supervisor, as leader of its own session and with a fixed environment: a variable of the job could load a library
 * into it. Resolves when it has ended. One of several started for an attempt goes on, the others exit at once.
 *
 * @throws Error when the machine can start no process.
 */
export function spawnSupervisor(
  programs: ShellPrograms,
  supervision: Supervision,
): Promise<number> {
  const { control, place, maxLogBytes, launch, variables, logOwner, path } = supervision;
  const command = [programs["supervisor.sh"], control, place, String(maxLogBytes ?? 0), ...launch];
  const log = openLogPipe(logOwner ?? null);
  try {
    const stdio = [variables, "ignore", "ignore", log.reading, log.writing] as const;
    return spawnDetached([SHELL, ...command], { path, stdio });
  } finally {
    closeSync(log.reading);
    closeSync(log.writing);
  }
}

/**
 * Makes sure that somebody enforces the deadlines of an attempt as they stand on disk now: nudges its watchdog to read them
 * again, or starts one. Nothing happens where there is no deadline.
 */
export function ensureWatchdog(programs: ShellPrograms, control: string, path: string): void {
  const isNeeded =
    readControl(control, "cancel") !== null ||
    readControl(control, "guarded") !== null ||
    readControl(control, "deadline") !== null;
  const watchdog = readWatchdog(control);
  if (watchdog !== null && isAlive(watchdog)) sendSignal(watchdog.pid, "SIGUSR1");
  else if (isNeeded)
    void spawnDetached([SHELL, programs["watchdog.sh"], control], {
      path,
      stdio: ["ignore", "ignore", "ignore"],
    });
}

/** The control folders below a folder whose supervisor is found among the machine's processes, by its arguments. */
export function findSupervised(below: string): string[] {
  return allPids()
    .map((pid) => argumentsOf(pid))
    .filter(([shell, program]) => shell === SHELL && program?.endsWith(SUPERVISOR_ENDING))
    .map(([, , control]) => control ?? "")
    .filter((control) => control.startsWith(below));
}

function spawnDetached(
  command: readonly string[],
  {
    path,
    stdio: [stdin, stdout, stderr, ...more],
  }: {
    readonly path: string;
    readonly stdio: readonly [number | "ignore", "ignore", "ignore", ...number[]];
  },
): Promise<number> {
  const child = Bun.spawn({
    cmd: [...command],
    cwd: "/",
    env: { PATH: path },
    detached: true,
    stdio: [stdin, stdout, stderr, ...more],
  });
  child.unref();
  return child.exited;
}

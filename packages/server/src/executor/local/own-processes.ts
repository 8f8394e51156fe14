// Tells the processes of attempts, and of commands beside them, from those that somebody else on the box has started.
import { readFileSync, readlinkSync } from "node:fs";
import { sep } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import { readAccount, readInit } from "./attempt-records.ts";
import { accountOfProcess, argumentsOf, isAlive } from "./process-identity.ts";

/**
 * A test for pids. A process belongs to an attempt by the PID namespace of its sandbox, by the account of its attempt, or by a
 * supervisor among those that started it. Without a sandbox one that has left its parents is taken for somebody else's.
 *
 * @param alive the attempts that run.
 */
export function ownProcesses(
  dataDir: string,
  alive: readonly AttemptKey[],
): (pid: number) => boolean {
  const namespaces = new Set<string>();
  const accounts = new Set<number>();
  for (const attempt of alive) {
    const { control } = attemptFolder(dataDir, attempt);
    const init = readInit(control);
    const namespace = init === null ? null : namespaceOf(init.pid);
    if (init !== null && namespace !== null && isAlive(init)) namespaces.add(namespace);
    const account = readAccount(control);
    if (account !== null) accounts.add(account);
  }
  return (pid) => {
    const account = accountOfProcess(pid);
    const namespace = namespaceOf(pid);
    return (
      (account !== null && accounts.has(account)) ||
      (namespace !== null && namespaces.has(namespace)) ||
      hasSupervisor(pid, dataDir)
    );
  };
}

/** More parents than any process has. */
const MOST_PARENTS = 1000;

function hasSupervisor(pid: number, dataDir: string): boolean {
  const programs = `${dataDir}${sep}executor${sep}`;
  let each = pid;
  for (let step = 0; each > 1 && step < MOST_PARENTS; step += 1) {
    if (argumentsOf(each)[1]?.startsWith(programs) === true) return true;
    each = parentOf(each);
  }
  return false;
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

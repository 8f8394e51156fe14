// Ends what an attempt can leave alive outside the group of its job, where a sandbox makes that possible to tell.
import { isCgroupAlive, killCgroup } from "../cgroup/attempt-cgroup.ts";
import { readAccount, readInit } from "./attempt-records.ts";
import { accountOfProcess, allPids, isAlive, sendSignal } from "./process-identity.ts";

/** KILLs the first process of an attempt's sandbox, and so everything in its PID namespace, and everything in its cgroup. */
export function killContained(control: string): void {
  killCgroup(control);
  const init = readInit(control);
  if (init !== null && isAlive(init)) sendSignal(init.pid, "SIGKILL");
}

/**
 * KILLs everything of an attempt that can be told apart: its cgroup, its PID namespace, every process of its account. Without any of
 * them nothing does.
 *
 * @returns whether nothing is left.
 */
export async function endRemains(control: string): Promise<boolean> {
  killContained(control);
  const init = readInit(control);
  const uid = readAccount(control);
  if (uid !== null) await killAccount(uid);
  const isInitGone = init === null || !isAlive(init);
  return isInitGone && (uid === null || !isAccountAlive(uid)) && !isCgroupAlive(control);
}

/** All at once, by a process of that account: one that forks as fast as it can is not outrun one by one. */
async function killAccount(uid: number): Promise<void> {
  if (!isAccountAlive(uid)) return;
  const command = ["/bin/sh", "-c", "kill -s KILL -- -1"];
  await Bun.spawn({
    cmd: command,
    uid,
    gid: uid,
    cwd: "/",
    env: {},
    stdio: ["ignore", "ignore", "ignore"],
  }).exited;
}

function isAccountAlive(uid: number): boolean {
  return allPids().some((pid) => accountOfProcess(pid) === uid);
}

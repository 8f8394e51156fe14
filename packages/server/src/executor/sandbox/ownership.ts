// Gives the folders of a job to the account that it runs under. Only a server that is root has anything to give.
import { chmodSync, chownSync, lchownSync, lstatSync, readdirSync } from "node:fs";
import type { JobOwner } from "./sandbox-plan.ts";

/** Lets other accounts pass through a folder of the server's without reading it. */
export function openWay(path: string): void {
  if ((lstatSync(path).mode & 0o777) !== WAY) chmodSync(path, WAY);
}

/** Lets only the group of a job's account pass through a folder of the server's. */
export function openWayTo(path: string, { gid }: JobOwner): void {
  chownSync(path, 0, gid);
  chmodSync(path, 0o710);
}

/**
 * Gives a folder and all in it to a job's account; links are given, not followed. Nothing happens where it has it already.
 *
 * @throws Error when the machine cannot.
 */
export async function giveAway(path: string, { uid, gid }: JobOwner): Promise<void> {
  const stat = lstatSync(path);
  if (stat.uid === uid && stat.gid === gid) return;
  chmodSync(path, 0o700);
  if (readdirSync(path).length === 0) lchownSync(path, uid, gid);
  else await run(["chown", "-R", "-h", "-P", "--", `${uid}:${gid}`, path]);
}

/**
 * Gives a folder to a job's group, for accounts that change with every attempt. What an earlier account made in it belongs to
 * the group already (see sweep-account.sh).
 */
export function shareWithin(path: string, { gid }: JobOwner): void {
  chownSync(path, 0, gid);
  chmodSync(path, 0o2770);
}

const WAY = 0o711;

async function run(command: string[]): Promise<void> {
  const child = Bun.spawn({ cmd: command, stdio: ["ignore", "ignore", "pipe"] });
  const [complaint, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(complaint.trim().split("\n")[0]);
}

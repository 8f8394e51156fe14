// What a client of the torture reads of its jobs, and how it must read.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Actor, expectCode, idOf, ownJob, UNREACHABLE } from "./actor.ts";
import { metFullDisk } from "./ledger.ts";
import { isLogComplete, isLogSoFar, OUTPUT, wholeOutput } from "./marked-job.ts";

/** Follows a log to the end of the job, or turns away from it after a while. */
export async function follow(actor: Actor): Promise<void> {
  const { person, random, ledger } = actor;
  const job = ownJob(actor);
  if (job === undefined) return;
  const follower = person.start(["logs", "-f", "--raw", idOf(actor, job)]);
  void follower.stdin.end();
  const timer = setTimeout(() => follower.kill("SIGINT"), random.whole(50, 1500));
  const [shown, said, code] = await Promise.all([
    new Response(follower.stdout).text(),
    new Response(follower.stderr).text(),
    follower.exited,
  ]);
  clearTimeout(timer);
  if (!isLogSoFar(job, shown, metFullDisk(ledger, job))) {
    ledger.complaints.push(
      `ml logs -f ${job.name} showed what was not written: ${shown.slice(-200)}`,
    );
  }
  const isTold = code === job.exitCode && !ledger.cancelAsked.has(job.name);
  if (isTold && !isLogComplete(job, shown, metFullDisk(ledger, job))) {
    ledger.complaints.push(`ml logs -f ${job.name} ended with ${code} before the log did: ${said}`);
  }
}

/** Pulls what a job has left so far into the folder of an earlier pull. */
export async function pull(actor: Actor): Promise<void> {
  const job = ownJob(actor);
  if (job === undefined) return;
  const folder = join(actor.person.home, "pulled", job.name);
  await expectCode(actor, ["pull", idOf(actor, job), "-o", folder], [0, NOTHING_YET, UNREACHABLE]);
  const pulled = textAt(join(folder, OUTPUT));
  if (!wholeOutput(job).startsWith(pulled)) {
    actor.ledger.complaints.push(`ml pull ${job.name} brought what was not written`);
  }
}

/** Exit code of `ml pull` where nothing was left so far. */
const NOTHING_YET = 6;

/** Empty when there is no such file. */
export function textAt(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

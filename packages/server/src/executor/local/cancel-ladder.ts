// The way an attempt is ended on request: cancel on disk, TERM to the job, KILL when its grace is over.
import { readCancel, readExit, readJob } from "./attempt-records.ts";
import { toCentiseconds, uptimeCentiseconds } from "./boot.ts";
import { writeControl } from "./control-files.ts";
import { killInit } from "./end-remains.ts";
import { isAlive, sendSignal } from "./process-identity.ts";

/**
 * Begins to end an attempt. The cancel is on disk before any signal, so that whatever dies meanwhile, it holds: a job that has
 * not begun sees it before its first instruction, the watchdog sends KILL at its time, and {@link resendTerm} makes good for a
 * server that died before TERM. A second cancel may only shorten the grace, and sends no second TERM: it could spoil the
 * checkpoint that the first one asked for.
 *
 * @returns whether a watchdog is needed to enforce the grace.
 */
export function beginCancel(control: string, graceMs: number): boolean {
  if (readExit(control) !== null) return false;
  const due = uptimeCentiseconds() + toCentiseconds(graceMs);
  const earlier = readCancel(control);
  if (earlier === null || due < earlier.due) {
    try {
      writeControl(control, "cancel", earlier?.sent === true ? `${due} sent` : `${due}`);
    } catch (error) {
      // On a full disk: the job that is to end may be the one that fills it. Whoever asked tries again, and then it holds.
      signalJob(control, graceMs <= 0 ? "SIGKILL" : "SIGTERM");
      throw error;
    }
  }
  if (graceMs <= 0) signalJob(control, "SIGKILL");
  else resendTerm(control);
  return true;
}

/** Sends TERM for a cancel that is on disk, unless that was done before. */
export function resendTerm(control: string): void {
  const cancel = readCancel(control);
  if (cancel === null || cancel.sent) return;
  if (signalJob(control, "SIGTERM")) writeControl(control, "cancel", `${cancel.due} sent`);
}

/**
 * Signals the job's group: the job alone, never its supervisor, and only while its first process is alive. In the instant
 * before that process leads a group it is signalled by itself.
 */
function signalJob(control: string, signal: "SIGTERM" | "SIGKILL"): boolean {
  // In a sandbox nothing gets past the end of its first process.
  if (signal === "SIGKILL") killInit(control);
  const job = readJob(control);
  if (job === null || !isAlive(job)) return false;
  return sendSignal(-job.pid, signal) || sendSignal(job.pid, signal);
}

// The way an attempt is ended on request: cancel on disk, TERM to the job, KILL when its grace is over.
import { readCancel, readExit, readJob } from "./attempt-records.ts";
import { toCentiseconds, uptimeCentiseconds } from "./boot.ts";
import { readControl, writeControl } from "./control-files.ts";
import { killContained } from "./end-remains.ts";
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
 * Begins to end an attempt that has gone beyond one of its bounds, unless it is being ended already.
 *
 * @param termAgeMs how long ago an earlier call that threw has sent TERM; `null` when there was none.
 * @returns whether a watchdog is needed to enforce the grace.
 * @throws the system's error when it cannot be written down, as on a full disk, which this job may be the one to fill. It is ended
 *   all the same, for as long as whoever asked goes on asking: TERM with the first call, KILL when the grace is over.
 */
export function beginGuarded(control: string, how: string, termAgeMs: number | null): boolean {
  if (readExit(control) !== null || isEnding(control)) return false;
  const restMs = Math.max(0, GUARD_GRACE_MS - (termAgeMs ?? 0));
  const due = uptimeCentiseconds() + toCentiseconds(restMs);
  try {
    writeControl(control, "guarded", `${due} ${how}`);
  } catch (error) {
    if (termAgeMs === null) signalJob(control, "SIGTERM");
    else if (restMs === 0) signalJob(control, "SIGKILL");
    throw error;
  }
  // A second TERM could spoil the checkpoint that the first one asked for.
  if (termAgeMs === null) signalJob(control, "SIGTERM");
  return true;
}

/** Time between TERM and KILL, as for one that is over its wall time. */
const GUARD_GRACE_MS = 15_000;

function isEnding(control: string): boolean {
  return (["cancel", "timed-out", "guarded"] as const).some(
    (marker) => readControl(control, marker) !== null,
  );
}

/**
 * Signals the job's group: the job alone, never its supervisor, and only while its first process is alive. In the instant
 * before that process leads a group it is signalled by itself.
 */
function signalJob(control: string, signal: "SIGTERM" | "SIGKILL"): boolean {
  // In a sandbox nothing gets past the end of its first process, and in a cgroup nothing past its KILL.
  if (signal === "SIGKILL") killContained(control);
  const job = readJob(control);
  if (job === null || !isAlive(job)) return false;
  return sendSignal(-job.pid, signal) || sendSignal(job.pid, signal);
}

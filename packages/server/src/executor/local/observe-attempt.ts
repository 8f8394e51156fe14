// What is known of one attempt, told from its control folder and the machine's processes.
import type { Observation } from "../executor.ts";
import { formatExit, readExit, readJob, readSupervisor } from "./attempt-records.ts";
import { isHere, isThisBoot } from "./boot.ts";
import {
  createControl,
  forgetVariables,
  isClaimed,
  readControl,
  removeControl,
  writeControl,
} from "./control-files.ts";
import { endRemains } from "./end-remains.ts";
import { isAlive, isGroupAlive, sendSignal } from "./process-identity.ts";
import { findSupervised } from "./supervisor-processes.ts";

/** How long to wait for a group to be gone after KILL before asking again later. */
const KILL_PATIENCE_MS = 1000;

/**
 * What stands in `control/supervisor` of an attempt that a server has ended before it began: "none EXIT", with its end as `exit` holds
 * it. Earlier releases wrote no end there.
 */
const NOBODY = "none";

/**
 * Observes an attempt. In order: its exit file, its living supervisor, lost. A group that outlived its supervisor is ended, and
 * the attempt counts as running until the group is gone. Lost is written down, so that the next answer is the same.
 *
 * @param place of the data folder. Processes of another boot are gone, those of another data folder, of which this one is a copy,
 * belong to that one's server: their pids are not looked at.
 */
export async function observeAttempt(control: string, place: string): Promise<Observation> {
  const before = readEnd(control);
  if (before !== null) return before;

  const supervisor = readSupervisor(control);
  const job = readJob(control);
  if (supervisor === null) {
    const claim = readControl(control, "supervisor")?.text ?? "";
    // The server was killed before it could write the end. Its claim stays: a supervisor may still be on its way.
    if (claim.startsWith(`${NOBODY} `)) return recordEnd(control, claim.slice(NOBODY.length + 1));
    if (claim === NOBODY) removeControl(control, "supervisor");
    if (!isClaimed(control)) return { kind: "unknown", why: "no supervisor has begun it" };
    // Claimed, but the line is not there yet, or the disk was full.
    if (findSupervised(control).includes(control)) return { kind: "starting" };
    // One that finds no room for its line gives the claim back before it goes.
    if (!isClaimed(control)) return { kind: "unknown", why: "its supervisor found no room" };
  } else if (isHere(supervisor.place, place) && isAlive(supervisor)) {
    return job === null ? { kind: "starting" } : { kind: "running", startedAt: job.begunAt };
  }

  // It may have written its end and gone since the first look.
  const after = readEnd(control);
  if (after !== null) return after;
  if (supervisor !== null && !isHere(supervisor.place, place)) {
    return recordLost(
      control,
      isThisBoot(supervisor.place, place)
        ? "The data folder was copied while it ran; it belongs to the server of the original."
        : "The box was restarted while it ran.",
    );
  }
  // A supervisor without a line has started nothing.
  const isGone = supervisor === null || (await endAll(control, job?.pid ?? null));
  if (!isGone) {
    return job === null ? { kind: "starting" } : { kind: "running", startedAt: job.begunAt };
  }
  return recordLost(
    control,
    supervisor === null
      ? "Its supervisor was gone before it had begun."
      : "Its supervisor was killed, so nobody knows how it ended.",
  );
}

/**
 * Claims an attempt in the supervisor's stead, so that none can begin it any more, and writes down its end. The claim tells the end
 * too: whatever dies between the two, the next look writes it.
 *
 * @returns whether the claim was free; where a supervisor has it, nothing is written.
 * @throws the system's error when it cannot be written, as on a full disk; where the claim could be, it stands.
 */
export function endUnbegun(control: string, exit: string): boolean {
  if (!createControl(control, "supervisor", `${NOBODY} ${exit}`)) return false;
  writeControl(control, "exit", exit);
  return true;
}

function readEnd(control: string): Observation | null {
  const exit = readExit(control);
  return exit === null ? null : { kind: "ended", ...exit };
}

function recordLost(control: string, message: string): Observation {
  forgetVariables(control);
  return recordEnd(control, formatExit("lost", message));
}

function recordEnd(control: string, exit: string): Observation {
  writeControl(control, "exit", exit);
  return readEnd(control) ?? { kind: "unknown", why: "its end could not be written down" };
}

/** Kills what is left of a job's group, and of its sandbox. Answers whether nothing is. */
async function endAll(control: string, processGroup: number | null): Promise<boolean> {
  const patience = performance.now() + KILL_PATIENCE_MS;
  for (;;) {
    const isGroupGone = processGroup === null || !isGroupAlive(processGroup);
    if (!isGroupGone) sendSignal(-processGroup, "SIGKILL");
    if ((await endRemains(control)) && isGroupGone) return true;
    if (performance.now() > patience) return false;
    await Bun.sleep(5);
  }
}

// The pipe through which a job's output reaches its log.
import { closeSync, fchownSync } from "node:fs";
import { makePipe, type PipeEnds } from "../exec/libc.ts";
import type { JobOwner } from "../sandbox/sandbox-plan.ts";

/**
 * Makes it. Here, because a shell has to fork and exec a program to give a pipe away, which takes as long as its own start.
 *
 * @param owner whose the job is: it opens /dev/stdout again by name, which asks who owns the pipe. `null`: the server.
 * @throws FetchmlError box-unfit where the system refuses
 */
export function openLogPipe(owner: JobOwner | null): PipeEnds {
  const pipe = makePipe();
  if (owner === null) return pipe;
  try {
    fchownSync(pipe.writing, owner.uid, owner.gid);
    return pipe;
  } catch (error) {
    closeSync(pipe.reading);
    closeSync(pipe.writing);
    throw error;
  }
}

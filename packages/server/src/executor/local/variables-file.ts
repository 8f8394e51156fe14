// The file through which a job gets its variables: one without a name, open in the processes that start the job.
import { closeSync, constants, openSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";

/** Such a file, whole and read from its beginning by whoever gets it. */
export interface VariablesFile {
  readonly fd: number;
  /** Closes it here; who has it goes on reading. Safe twice. */
  close(): void;
}

/**
 * Makes the file in memory. It is whole before anybody gets it, so whatever dies, nobody reads half of it. Where there is no
 * memory for it, it goes to the disk, unless secrets are among the variables.
 *
 * @param control the attempt's control folder.
 * @throws FetchmlError box-unfit when it may not be on the disk and can be nowhere else
 */
export function createVariablesFile(
  control: string,
  { text, hasSecrets }: { readonly text: string; readonly hasSecrets: boolean },
): VariablesFile {
  try {
    if (statfsSync(MEMORY).type !== TMPFS) throw new Error(`${MEMORY} is not in memory`);
    return filled(openSync(MEMORY, NAMELESS, 0o600), text);
  } catch (error) {
    if (hasSecrets) throw noMemory(error);
    return filled(openUnlinked(join(control, "variables")), text);
  }
}

const MEMORY = "/dev/shm";
/** As in linux/magic.h. */
const TMPFS = 0x01021994;
/** O_TMPFILE, which Node has no name for. The file never has one either. */
const NAMELESS = constants.O_RDWR | constants.O_DIRECTORY | 0o20000000;

function openUnlinked(path: string): number {
  const fd = openSync(path, "w+", 0o600);
  unlinkSync(path);
  return fd;
}

/** Written at places, so that the file is read from its beginning. */
function filled(fd: number, text: string): VariablesFile {
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, at);
  } catch (error) {
    close();
    throw error;
  }
  return { fd, close };
}

function noMemory(cause: unknown): FetchmlError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FetchmlError(
    "box-unfit",
    `Cannot hand secrets to a job but through memory: ${why}. The box's admin sees to room in ${MEMORY} (a tmpfs), then "ml redo" starts it anew.`,
  );
}

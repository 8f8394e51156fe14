// What pulling files works with, the same for all files of a pull.
import type { Fetching } from "./fetch-file.ts";
import type { ProgressSum } from "./pull-progress.ts";
import type { TargetFolder } from "./target-folder.ts";

/** One pull. */
export interface FilePull extends Fetching {
  readonly target: TargetFolder;
  /** Whether what differs here may be replaced. */
  readonly force: boolean;
  /** Whether a file here of the same size and time is compared by its content too. */
  readonly verify: boolean;
  readonly progress: ProgressSum;
}

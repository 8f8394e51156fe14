// What becomes of each thing that a pull is about.

/**
 * - `pulled`: it is here now, whole and verified
 * - `growing`: the same, and the job has written more to it meanwhile
 * - `equal`: it was here already, with the same size and time, or else the same content
 * - `differs`: something else is here under its name and was left as it is, though `force` would replace it
 * - `blocked`: something is in its way here that `force` does not take away: a folder in its place, or a link or a file where a
 *   folder is needed
 * - `unsteady`: it changed each time while it was read, and was not pulled
 * - `gone`: the job has taken it away before it could be pulled
 * - `left-out`: it cannot be given out, or not be made here; `why` tells
 */
export type PullOutcome =
  "pulled" | "growing" | "equal" | "differs" | "blocked" | "unsteady" | "gone" | "left-out";

/** One file, link or log. */
export interface PulledItem {
  readonly kind: "file" | "symlink" | "other";
  /** The attempt that it is of; `null` for a checkpoint. */
  readonly attempt: number | null;
  /** As the job has named it. */
  readonly path: string;
  /** Where it is here, relative to the target; the parts are separated by `/`. */
  readonly local_path: string;
  /** Of a file that is here now. */
  readonly size_bytes: number | null;
  readonly outcome: PullOutcome;
  /** The rest of a sentence that begins with its name. */
  readonly why: string | null;
}

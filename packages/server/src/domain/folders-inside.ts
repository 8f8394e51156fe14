// Where a job in bubblewrap sees its own folders: the same paths for every attempt.

/**
 * The paths by which such a job knows its folders, in `$ML_OUTPUT_DIR` and its like and so also in the links that it makes. Kept setups
 * and outputs that are there already hold them too: they stay as they are.
 */
export const FOLDERS_INSIDE = {
  work: "/job/work",
  outputs: "/job/outputs",
  tmp: "/job/tmp",
  checkpoints: "/job/checkpoints",
} as const;

// The paths that documents may name though the repository has none of them: they are made by a build or on a user's machine.

/** Files, and folders ending in `/` with all that is in them. Absolute paths and those from `~` need no entry. */
export const outsidePaths: readonly string[] = [
  // Made by the project's own tools.
  "dist/",
  "node_modules/",
  // Written by a user beside their code.
  "ml.toml",
  ".mlignore",
  "config.toml",
  // What a hostile folder holds.
  "bunfig.toml",
  "my-training-job/",
  // Made by the server in its data folder.
  "attempts/",
  "blobs/",
  "checkpoints/",
  "control/",
  "homes/",
  "job/",
  "manifests/",
  "outputs/",
  "tmp/",
  "work/",
  "fetchml.db",
  "fetchml.sock",
  "lock.db",
];

/** Words in capitals that stand for something else; a path with one of them is a pattern, not a path. */
export const placeholders: readonly string[] = [
  "NAME",
  "NNNN",
  "TARGET",
  "DIR",
  "FILE",
  "ID",
  "USER",
  "VERB",
  "JOB",
  "PATH",
  "VERSION",
];

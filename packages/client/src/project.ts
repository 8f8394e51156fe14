// The user's project folder: its root, its ml.toml, and how it is frozen and sent.
export { freezeProject } from "./project/freeze.ts";
export { freezeComparable, type ComparableProject } from "./project/freeze-comparable.ts";
export type { FreezeOptions, FrozenProject } from "./project/frozen-project.ts";
export { keepToServerLimits, refuseWhatChanges } from "./project/late-refusals.ts";
export { limitsOf } from "./project/limits.ts";
export { gitDirOf } from "./project/git-folder.ts";
export { readProjectFile, type JobDefinition, type ProjectFile } from "./project/project-file.ts";
export { findProjectRoot, type ProjectRoot } from "./project/project-root.ts";
export { shownPath } from "./project/refusal.ts";
export { runGit } from "./project/run-git.ts";
export { sendSnapshot } from "./project/send-snapshot.ts";

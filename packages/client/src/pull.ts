// Pulling what a job has left: its list, and the way of its files onto this machine.
export { globBehindLink } from "./pull/glob-behind-link.ts";
export { listOutputs, type OutputListing } from "./pull/list-outputs.ts";
export type { Selection } from "./pull/plan-pull.ts";
export { globsWithoutMatch } from "./pull/pull-globs.ts";
export { pullOutputs } from "./pull/pull-outputs.ts";
export type { PulledItem, PullOutcome } from "./pull/pulled-item.ts";
export { openTarget } from "./pull/target-folder.ts";

// The schemas of both sides: what the server checks requests by, and what documents are made from.
export * from "./audit.ts";
export * from "./job.ts";
export * from "./log-chunk.ts";
export * from "./methods/job-methods.ts";
export * from "./methods/table.ts";
export * from "./notifications.ts";
export * from "./outcome.ts";
export * from "./output.ts";
export * from "./retention.ts";
export * from "./server-status.ts";
export * from "./snapshot.ts";
export * from "./user.ts";

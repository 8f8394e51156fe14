// All ways to reach a FetchML server, and the files on the user's own machine that say where it is.
export type { Endpoint } from "./client.ts";
export { httpUrlOf, parseApiUrl } from "./api-url.ts";
export { configPath } from "./config/config-path.ts";
export { withHiddenKeys } from "./config/hidden-keys.ts";
export { readConfig, readServerConfig, type Config } from "./config/read-config.ts";
export { beginRotation, endRotation } from "./config/rotate-config.ts";
export { lockRotation, type RotationLock } from "./config/rotation-lock.ts";
export { shellQuote } from "./config/shell-quote.ts";
export { shortPath, typedPath } from "./config/short-path.ts";
export type { ConfigSurroundings } from "./config/surroundings.ts";
export { checkConfigTakesKey, removeKey, writeConfig } from "./config/write-config.ts";
export { callOnce } from "./connection/connect.ts";
export { followLog } from "./connection/follow-log.ts";
export { linkTo, type Link } from "./connection/link.ts";
export type { LogStart } from "./connection/log-place.ts";
export { redoJob, submitJob } from "./connection/submit-job.ts";
export { waitForJobs } from "./connection/wait-for-jobs.ts";

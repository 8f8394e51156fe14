// Every method's handler: the type makes a missing one a compile error.
import { drainHandlers } from "./drain.ts";
import { execHandlers } from "./exec.ts";
import { jobHandlers } from "./job.ts";
import { keyHandlers } from "./key.ts";
import { logHandlers } from "./log.ts";
import type { Handlers } from "./handler.ts";
import { outputHandlers } from "./output.ts";
import { ownKeyHandlers } from "./own-key.ts";
import { redoHandlers } from "./redo.ts";
import { retentionHandlers } from "./retention.ts";
import { secretHandlers } from "./secret.ts";
import { serverHandlers } from "./server.ts";
import { userHandlers } from "./user.ts";

/** The handler of each method; access and parameters are checked before it is called. */
export const HANDLERS: Handlers = {
  ...serverHandlers,
  ...jobHandlers,
  ...redoHandlers,
  ...execHandlers,
  ...logHandlers,
  ...outputHandlers,
  ...userHandlers,
  ...ownKeyHandlers,
  ...secretHandlers,
  ...keyHandlers,
  ...drainHandlers,
  ...retentionHandlers,
};

// Every method's handler: the type makes a missing one a compile error.
import { jobHandlers } from "./job.ts";
import { keyHandlers } from "./key.ts";
import { logHandlers } from "./log.ts";
import type { Handlers } from "./handler.ts";
import { ownKeyHandlers } from "./own-key.ts";
import { serverHandlers } from "./server.ts";
import { userHandlers } from "./user.ts";

/** The handler of each method; access and parameters are checked before it is called. */
export const HANDLERS: Handlers = {
  ...serverHandlers,
  ...jobHandlers,
  ...logHandlers,
  ...userHandlers,
  ...ownKeyHandlers,
  ...keyHandlers,
};

// Builds what calls work with, for the server and for an admin's command that works without one.
import { Connections } from "../auth/connections.ts";
import { Authenticator } from "../auth/authenticate.ts";
import { systemRandomBytes } from "../auth/context.ts";
import type { Totals } from "../queue/context.ts";
import { News } from "../queue/news.ts";
import type { BoxView, RpcContext } from "../rpc/context.ts";
import type { Snapshots } from "../snapshots/snapshots.ts";
import type { Database } from "../store/database.ts";
import type { Log } from "../telemetry/log.ts";
import { systemClock } from "./system-clock.ts";

/** What has to be opened first. */
export interface ContextParts {
  readonly dataDir: string;
  readonly db: Database;
  readonly snapshots: Snapshots;
  readonly totals: Totals;
  readonly box: BoxView;
  readonly log: Log;
}

/** Everything that handlers are handed. */
export function buildContext({ db, totals, ...parts }: ContextParts): RpcContext {
  const clock = systemClock;
  const auth = { db, clock, connections: new Connections(clock), randomBytes: systemRandomBytes };
  return {
    queue: { db, clock, news: new News(), totals },
    auth,
    authenticator: new Authenticator({ ...auth, log: parts.log }),
    ...parts,
    startedAt: clock.now(),
  };
}

// Builds what calls work with, for the server and for an admin's command that works without one.
import { join } from "node:path";
import { Connections } from "../auth/connections.ts";
import { Authenticator } from "../auth/authenticate.ts";
import { systemRandomBytes } from "../auth/context.ts";
import { differingKeys, type DiskSettings } from "../config/retention-settings.ts";
import type { AttemptExec } from "../domain/attempt-exec.ts";
import type { GpuUse } from "../domain/gpu-use.ts";
import type { GuardRules } from "../domain/guard-rules.ts";
import type { Totals } from "../queue/context.ts";
import { CancelSweeps } from "../queue/cancel-sweeps.ts";
import { News } from "../queue/news.ts";
import type { BoxView, RpcContext } from "../rpc/context.ts";
import { makeListingTurns } from "../rpc/listing-turns.ts";
import { Collector } from "../retention/collector.ts";
import { diskRoom } from "../retention/disk-room.ts";
import { openSecrets } from "../secrets/secrets.ts";
import { areOnSameDisk } from "../snapshots/same-disk.ts";
import type { Snapshots } from "../snapshots/snapshots.ts";
import type { Database } from "../store/database.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { secretsPath } from "./data-folder.ts";
import { setupStore } from "./setup-store.ts";
import { systemClock } from "./system-clock.ts";

/** What has to be opened first. */
export interface ContextParts {
  readonly dataDir: string;
  readonly db: Database;
  readonly snapshots: Snapshots;
  readonly totals: Totals;
  /** What a job may take at most, as it is now. */
  readonly guards: () => GuardRules;
  /** Who else uses the GPUs now; missing: nobody. */
  readonly gpuUse?: () => GpuUse;
  /** Of the settings, those about the disk, as they are now. */
  readonly disk: () => DiskSettings;
  /** The same as the config file has them; default those of now. @throws FetchmlError bad-file */
  readonly diskInFile?: () => DiskSettings;
  readonly box: BoxView;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly exec?: AttemptExec;
}

/** Everything that handlers are handed, of which whoever has it closes the collector and what authentication keeps. */
export interface BuiltContext extends RpcContext {
  readonly collector: Collector;
}

/** Builds it. */
export function buildContext({
  db,
  totals,
  guards,
  gpuUse,
  disk,
  diskInFile = disk,
  ...parts
}: ContextParts): BuiltContext {
  const clock = systemClock;
  const { dataDir, log } = parts;
  const room = diskRoom(dataDir, () => disk().minFree);
  const { inUse, limits } = parts.snapshots;
  const largestUploadBytes = limits.totalBytes;
  const rules = () => disk().retention;
  const rulesInFile = () => {
    const inFile = diskInFile();
    return {
      rules: inFile.retention,
      room: diskRoom(dataDir, inFile.minFree),
      notTaken: differingKeys(inFile, disk()),
    };
  };
  const setups = setupStore(dataDir, () => clock.now());
  const news = new News();
  const auth = { db, clock, connections: new Connections(clock), randomBytes: systemRandomBytes };
  return {
    queue: {
      db,
      clock,
      news,
      sweeps: new CancelSweeps({ db, clock, news }),
      totals,
      room,
      // What `room` knows is the disk of the data folder.
      ...(areOnSameDisk(join(dataDir, "attempts"), dataDir) && {
        projects: {
          takesBytes: parts.snapshots.takesBytes,
          largest: { size_bytes: limits.totalBytes, file_count: limits.entries },
        },
      }),
      guards,
      random: Math.random,
      ...(gpuUse && { gpuUse }),
    },
    auth,
    authenticator: new Authenticator({ ...auth, log, metrics: parts.metrics }),
    ...parts,
    secrets: openSecrets(secretsPath(dataDir)),
    listingTurns: makeListingTurns(),
    collector: new Collector({
      dataDir,
      db,
      clock,
      log,
      rules,
      rulesInFile,
      room,
      inUse,
      largestUploadBytes,
      setups,
    }),
    startedAt: clock.now(),
  };
}
